drop index notices_kind;

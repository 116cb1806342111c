drop function refusal_cause(text);
drop function number_in(text);
drop function as_it_was(text, text);

-- $1 users, spread over all organisations, $2 now. Names as people have them: the first of a list is one in
-- thirty, the last one in a hundred and fifty; forty people have a name of their own, at any size. One account
-- in ten has an expiry date, a quarter never signed in, the others in the last two years.
with lists as (
  select string_to_array(
    'Maria James Anna Mohamed David Sofia Wei John Fatima Daniel Laura Ali Elena Michael Olga Ahmed Julia Peter Aisha '
    'Thomas Ana Robert Mei Ivan Sara Carlos Nina Paul Lin Sarah Marco Priya Lucas Emma Omar Hannah Mateo Chloe Igor '
    'Amina Diego Ingrid Rahul Zoe Hiroshi Leila Bruno Yuki Oscar Nadia Samuel Camille Viktor Ines Arjun Freya Jorge '
    'Katarzyna Hugo Amelie Pavel Lucia Noah Greta Tariq Beatriz Felix Mariam Stefan Alice Kenji Rosa Anton Layla Henrik '
    'Clara Ravi Eva Jonas Salma Pierre Marta Liam Agnes Khalid Irene Martin Olivia Dmitri Helena Kofi Simone Jan Teresa '
    'Youssef Birgit Andre Naomi Luca Vera', ' ') as first,
  string_to_array(
    'Garcia Smith Wang Silva Khan Martin Ivanov Nguyen Mueller Kim Rossi Jones Lopez Li Brown Ahmed Chen Santos Novak '
    'Singh Dubois Johansson Kowalski Tanaka Hassan Fischer Taylor Pereira Popov Patel Moreau Hansen Nowak Suzuki Ali '
    'Weber Wilson Costa Petrov Sharma Bernard Larsen Wojcik Sato Ibrahim Becker Evans Ferreira Sokolov Das Laurent '
    'Nielsen Mazur Yamamoto Osman Schulz Walker Oliveira Morozov Reddy Lefebvre Berg Krawczyk Ito Farah Koch Roberts '
    'Almeida Volkov Gupta Girard Lund Zielinski Mori Bakr Wolf Green Ramos Orlov Mehta Roux Dahl Kaminski Abe Saleh '
    'Braun Hall Teixeira Pavlov Iyer Fontaine Vik Piotrowski Kato Hamdi Krause Baker Barbosa Fedorov Nair Gauthier', ' ')
    as last
),
people as (
  select n, lists.first[1 + (100 * power(hashed(n, 1), 1.5))::int % 100] as first_name,
    case when n <= 40 then 'Quillfeather' else lists.last[1 + (100 * power(hashed(n, 2), 1.5))::int % 100] end as last_name
  from generate_series(1, $1) n, lists
)
insert into users (organisation_id, username, email, first_name, last_name, expires_on, last_signed_in_at)
select places.ids[1 + n % array_length(places.ids, 1)],
  lower(left(first_name, 1) || last_name) || n, lower(first_name || '.' || last_name) || n || '@people.example',
  first_name, last_name,
  case when n % 10 = 0 then $2::date + (800 * hashed(n, 3))::int - 400 end,
  case when hashed(n, 4) > 0.25 then $2 - 730 * hashed(n, 5) * interval '1 day' end
from people, (select array_agg(id order by id) as ids from organisations) places

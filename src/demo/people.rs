//! Names, and the dice: the same throws on every first start.

const FIRST: [&str; 72] = [
    "Amara",
    "Ben",
    "Chiara",
    "Dmitri",
    "Eun-ji",
    "Farid",
    "Grace",
    "Hanna",
    "Ibrahim",
    "Julia",
    "Kofi",
    "Lina",
    "Mateo",
    "Nadia",
    "Oskar",
    "Priya",
    "Quentin",
    "Rosa",
    "Samir",
    "Tove",
    "Ulrich",
    "Valentina",
    "Wei",
    "Ximena",
    "Yusuf",
    "Zofia",
    "Aoife",
    "Bruno",
    "Camille",
    "Davide",
    "Elif",
    "Fiona",
    "Goran",
    "Helena",
    "Isak",
    "Joana",
    "Karim",
    "Leonie",
    "Mikael",
    "Noor",
    "Olga",
    "Pedro",
    "Rania",
    "Sven",
    "Tariq",
    "Uma",
    "Viktor",
    "Wanda",
    "Yara",
    "Zoltan",
    "Anika",
    "Bilal",
    "Carmen",
    "Diego",
    "Esther",
    "Felix",
    "Gloria",
    "Hugo",
    "Ingrid",
    "Jamal",
    "Kaito",
    "Lucia",
    "Malik",
    "Nina",
    "Omar",
    "Paula",
    "Rafael",
    "Sofia",
    "Tomas",
    "Vera",
    "William",
    "Zeynep",
];
const LAST: [&str; 72] = [
    "Okafor",
    "Lindqvist",
    "Bianchi",
    "Volkov",
    "Park",
    "Haddad",
    "Mensah",
    "Virtanen",
    "Diallo",
    "Schneider",
    "Asante",
    "Moreau",
    "García",
    "Petrova",
    "Nilsson",
    "Sharma",
    "Dubois",
    "Silva",
    "Rahman",
    "Berg",
    "Weber",
    "Rossi",
    "Zhang",
    "Ortega",
    "Demir",
    "Kowalska",
    "Murphy",
    "Costa",
    "Laurent",
    "Conti",
    "Yılmaz",
    "Campbell",
    "Marković",
    "Novák",
    "Johansson",
    "Pereira",
    "Benali",
    "Fischer",
    "Korhonen",
    "Jansen",
    "Ivanova",
    "Fernández",
    "Khalil",
    "Andersson",
    "Aziz",
    "Thompson",
    "Horváth",
    "Nowak",
    "Mansour",
    "Szabó",
    "Becker",
    "Hussain",
    "Ramírez",
    "Torres",
    "Adeyemi",
    "Keller",
    "Ferreira",
    "Martin",
    "Dahl",
    "Robinson",
    "Tanaka",
    "Romano",
    "Traoré",
    "Hoffmann",
    "Saleh",
    "Wagner",
    "Mendes",
    "Castro",
    "Dvořák",
    "Lehtonen",
    "Walker",
    "Aydın",
];

/// Numbers that look random and never change: SplitMix64.
pub struct Dice(u64);

impl Dice {
    /// From a seed.
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap_or(0)
    }

    /// A number of days between two, both included.
    pub fn days(&mut self, from: i64, to: i64) -> i64 {
        from + i64::try_from(self.below(usize::try_from(to - from + 1).unwrap_or(1))).unwrap_or(0)
    }

    /// First and last name.
    pub fn name(&mut self) -> (&'static str, &'static str) {
        (FIRST[self.below(FIRST.len())], LAST[self.below(LAST.len())])
    }
}

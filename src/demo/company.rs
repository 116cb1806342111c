//! The made-up companies: who is where, how many of them are active, what they learn.

/// An organisation, how many people are in it directly, and how many of those are active.
pub struct Unit {
    pub path: &'static str,
    pub user_limit: Option<u32>,
    pub people: usize,
    pub active: usize,
}

const fn unit(path: &'static str, user_limit: Option<u32>, people: usize, active: usize) -> Unit {
    Unit { path, user_limit, people, active }
}

/// Acme Asia Pacific is over its limit, Acme Iberia at 96 %, Acme Nordics nearly empty, and Acme
/// Ventures has no limit of its own; Globex is over its limit by 6, which is a minor overage. Of the accounts, one more learner of Acme UK & Ireland is active.
pub const UNITS: [Unit; 29] = [
    unit("Acme Group", Some(2400), 118, 64),
    unit("Acme Group > Acme Americas", Some(800), 40, 28),
    unit("Acme Group > Acme Americas > Acme Brasil", Some(150), 150, 118),
    unit("Acme Group > Acme Americas > Acme Canada", Some(160), 170, 131),
    unit("Acme Group > Acme Americas > Acme México", None, 110, 84),
    unit("Acme Group > Acme Americas > Acme USA East", Some(240), 280, 219),
    unit("Acme Group > Acme Americas > Acme USA West", Some(220), 240, 188),
    unit("Acme Group > Acme Asia Pacific", Some(400), 30, 21),
    unit("Acme Group > Acme Asia Pacific > Acme Australia", None, 120, 101),
    unit("Acme Group > Acme Asia Pacific > Acme India", Some(170), 205, 168),
    unit("Acme Group > Acme Asia Pacific > Acme Japan", None, 90, 71),
    unit("Acme Group > Acme Asia Pacific > Acme Singapore", None, 65, 53),
    unit("Acme Group > Acme Deutschland", Some(320), 45, 33),
    unit("Acme Group > Acme Deutschland > Acme Berlin", Some(90), 90, 57),
    unit("Acme Group > Acme Deutschland > Acme Hamburg", Some(80), 70, 48),
    unit("Acme Group > Acme Deutschland > Acme München", Some(120), 95, 60),
    unit("Acme Group > Acme Iberia", Some(200), 25, 19),
    unit("Acme Group > Acme Iberia > Acme España", Some(140), 125, 112),
    unit("Acme Group > Acme Iberia > Acme Portugal", Some(70), 75, 61),
    unit("Acme Group > Acme Nordics", Some(180), 18, 2),
    unit("Acme Group > Acme Nordics > Acme Suomi", Some(60), 40, 4),
    unit("Acme Group > Acme Nordics > Acme Sverige", Some(90), 62, 5),
    unit("Acme Group > Acme UK & Ireland", Some(420), 40, 31),
    unit("Acme Group > Acme UK & Ireland > Acme England", Some(260), 230, 192),
    unit("Acme Group > Acme UK & Ireland > Acme Ireland", None, 70, 55),
    unit("Acme Group > Acme UK & Ireland > Acme Scotland", Some(90), 85, 66),
    unit("Acme Group > Acme Ventures", None, 72, 58),
    unit("Globex", Some(180), 60, 47),
    unit("Globex > Globex Research", Some(150), 174, 139),
];

/// Code, title, owner.
pub const EXPERIENCES: [(&str, &str, &str); 12] = [
    ("ONBOARD", "Welcome to Acme", "Acme Group"),
    ("SEC-101", "Information Security Basics", "Acme Group"),
    ("GDPR", "Handling Personal Data", "Acme Group"),
    ("SAFETY", "Health and Safety at Work", "Acme Group"),
    ("LEAD-1", "First-Time Leaders", "Acme Group"),
    ("EXCEL-2", "Spreadsheets for Analysts", "Acme Group"),
    ("NEGOTIATE", "Negotiating Contracts", "Acme Group"),
    ("ETHICS", "Code of Conduct", "Acme Group"),
    ("FORKLIFT", "Forklift Refresher", "Acme Group"),
    ("SOX", "Financial Controls in the USA", "Acme Group > Acme Americas"),
    ("ARBZG", "Arbeitszeit und Pausen", "Acme Group > Acme Deutschland"),
    ("GX-LAB", "Laboratory Practice", "Globex"),
];

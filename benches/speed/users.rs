//! The list of users: what the handler asks the database for it, for every filter and order, on the first page,
//! the second and the last, at all sizes in turns; and some whole pages through HTTP.

use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::Utc;
use diesel::prelude::*;
use headroom::db;
use headroom::features::users::queries::{self, Ground, IDLE, ListQuery, PAGE_SIZE, STATUSES, SortBy, Sought};
use headroom::ids::UserId;
use headroom::jobs::housekeeping;
use headroom::schema::{experiences, organisations};
use headroom::web::guards::{Allowed, SeeUsers};
use headroom::web::list::Total;

use super::data::Site;
use super::ms;

/// A statement that is used often gets a plan for all values after five times: that one is measured.
const WARM_UP: usize = 6;
const ROUNDS: usize = 5;
/// A page that takes longer is not measured as often.
const LONG: Duration = Duration::from_secs(1);

/// What counts as the same: a ratio of so much, or a difference of a millisecond.
const MOST: f64 = 1.5;
const NEGLIGIBLE: Duration = Duration::from_millis(1);

/// Whose list it is.
#[derive(Clone, Copy, PartialEq)]
enum Who {
    /// The org admin of the root.
    Admin,
    /// The user manager of some region.
    Manager,
}

/// A page of the list: a name for it, and its query at each size.
struct Case {
    name: String,
    who: Who,
    queries: Vec<String>,
}

/// What a list is narrowed down to, likewise.
struct Narrowed {
    name: String,
    who: Who,
    queries: Vec<String>,
}

/// Times everything, and tells what takes longer with more users. With `only`, of the filters with these words.
pub fn measure(sites: &mut [Site], only: Option<&str>) -> anyhow::Result<()> {
    for site in sites.iter_mut() {
        housekeeping::tidy(&mut site.conn, Utc::now())?;
    }
    let sizes: Vec<String> = sites.iter().map(|site| site.users.to_string()).collect();
    println!("\nThe list of users, its queries: ms with {} users, ratio", sizes.join(" and "));
    let cases = cases(sites, only)?;
    let (mut slower, mut longest) = (0, Duration::ZERO);
    for case in &cases {
        let times = case.time(sites, |site, query| list(site, case.who, query).map(|_| ()))?;
        let worst = times.iter().max().copied().unwrap_or_default();
        let best = times.iter().min().copied().unwrap_or_default();
        longest = longest.max(worst);
        let more = ratio(&times) > MOST && worst - best > NEGLIGIBLE;
        slower += usize::from(more);
        print_line(&case.name, &times, more);
    }
    println!(
        "  {} of {} pages take more than {MOST} times as long; the longest {:.1} ms",
        slower,
        cases.len(),
        ms(longest)
    );
    println!("Whole pages through HTTP");
    let by_admin = |case: &&Case| case.who == Who::Admin && case.name.ends_with("; name, first");
    for case in cases.iter().filter(by_admin) {
        let times = case.time(sites, |site, query| site.server.visitor.get(&format!("/users?{query}")))?;
        print_line(&case.name, &times, false);
    }
    Ok(())
}

fn print_line(name: &str, times: &[Duration], more: bool) {
    let times_ms: Vec<String> = times.iter().map(|time| format!("{:8.2}", ms(*time))).collect();
    let mark = if more { "  <- more" } else { "" };
    println!("  {name:<56}{}  {:5.2} x{mark}", times_ms.join(" "), ratio(times));
}

/// The largest size to the smallest.
fn ratio(times: &[Duration]) -> f64 {
    match times {
        [first, .., last] => last.as_secs_f64() / first.as_secs_f64(),
        _ => 1.0,
    }
}

impl Case {
    /// The shortest time at each size: whatever else the machine does only adds to it.
    fn time(
        &self,
        sites: &mut [Site],
        mut get: impl FnMut(&mut Site, &str) -> anyhow::Result<()>,
    ) -> anyhow::Result<Vec<Duration>> {
        let mut times = vec![Vec::new(); sites.len()];
        let mut rounds = 0..WARM_UP + ROUNDS;
        while let Some(round) = rounds.next() {
            for (at, site) in sites.iter_mut().enumerate() {
                let started = Instant::now();
                get(site, &self.queries[at]).with_context(|| self.name.clone())?;
                if round >= WARM_UP {
                    times[at].push(started.elapsed());
                } else if started.elapsed() > LONG {
                    rounds = WARM_UP..WARM_UP + 1;
                }
            }
        }
        Ok(times.into_iter().map(|times| times.into_iter().min().unwrap_or_default()).collect())
    }
}

/// What the handler asks the database for the list, in its transaction.
fn list(site: &mut Site, who: Who, query: &str) -> anyhow::Result<(Total, Vec<UserId>)> {
    let list: ListQuery = serde_html_form::from_str(query)?;
    let person = match who {
        Who::Admin => &site.place.signed_in,
        Who::Manager => &site.place.manager,
    };
    let by: Allowed<SeeUsers> = Allowed::new(person.clone()).context("may not see users")?;
    let now = site.place.now;
    Ok(db::read(&mut site.conn, |conn| {
        let filter = list.filter();
        let ground = Ground::of(conn, &by, filter.organisation, now)?;
        let people = queries::people(conn, &by, filter.organisation, now)?;
        let counted = queries::total(conn, &filter, &ground, people)?;
        let matching = || queries::matching(&ground, &filter);
        let sought = Sought { filter: &filter, ground: &ground, matching, counted: &counted };
        let rows = queries::page(conn, &by, &sought, list.order(), list.page())?;
        Ok((counted.total, rows.into_iter().map(|row| row.id).collect()))
    })?)
}

/// All of them: each filter in every order, both ways, the first page and the last; in the usual order the second too.
fn cases(sites: &mut [Site], only: Option<&str>) -> anyhow::Result<Vec<Case>> {
    let filters = filters(sites)?;
    let mut cases = Vec::new();
    for Narrowed { name, who, queries } in filters {
        if only.is_some_and(|words| !name.contains(words)) {
            continue;
        }
        for sort in [SortBy::Name, SortBy::Username, SortBy::Email, SortBy::Organisation, SortBy::LastSignIn] {
            for order in ["", "desc"] {
                let first: Vec<String> =
                    queries.iter().map(|query| format!("{query}&sort={}&order={order}", sort.name())).collect();
                let name = format!("{name}; {}{}{order}", sort.name(), if order.is_empty() { "" } else { " " });
                let usual = sort == SortBy::Name && order.is_empty();
                let turned = turn(sites, who, &first)?;
                cases.push(Case { name: format!("{name}, first"), who, queries: first });
                for (which, queries) in turned.into_iter().filter(|(which, _)| usual || *which != "second") {
                    cases.push(Case { name: format!("{name}, {which}"), who, queries });
                }
            }
        }
    }
    Ok(cases)
}

/// The second page, and the last one: where it is not known how many there are, whoever turns all pages gets there.
fn turn(sites: &mut [Site], who: Who, first: &[String]) -> anyhow::Result<Vec<(&'static str, Vec<String>)>> {
    let (mut second, mut last) = (Vec::new(), Vec::new());
    for (site, query) in sites.iter_mut().zip(first) {
        let (total, rows) = list(site, who, query)?;
        if let (Some(id), Total::Exact(21..) | Total::MoreThan(_)) = (rows.last(), total) {
            second.push(format!("{query}&page=2.after.{id}"));
        }
        match total {
            Total::Exact(..41) => {}
            Total::Exact(count) => {
                let size = u64::from(PAGE_SIZE);
                last.push(format!("{query}&page={}.end.{}", count.div_ceil(size), (count - 1) % size + 1));
            }
            Total::MoreThan(_) => {
                let turned_round = match query.strip_suffix("desc") {
                    Some(query) => query.to_owned(),
                    None => format!("{query}desc"),
                };
                let before = list(site, who, &turned_round)?.1.get(10).copied().context("a row near the end")?;
                last.push(format!("{query}&page=1000.after.{before}"));
            }
        }
    }
    let whole = |queries: &Vec<String>| queries.len() == first.len();
    Ok([("second", second), ("last", last)].into_iter().filter(|(_, queries)| whole(queries)).collect())
}

/// All filters.
fn filters(sites: &mut [Site]) -> anyhow::Result<Vec<Narrowed>> {
    let mut filters: Vec<(String, Vec<String>)> = Vec::new();
    let searches = [
        ("a rare word", "quillfeather"),
        ("part of a rare word", "llfeath"),
        ("a common word", "maria"),
        ("a word of all", "people.example"),
        ("two words", "maria garcia"),
        ("two rare words", "quillfeather maria"),
        ("two letters", "li"),
        ("two letters of nobody", "qx"),
        ("an unknown word", "zzyzx"),
        ("a username", "user not there 4711"),
    ];
    filters.push(("all".into(), vec![String::new(); sites.len()]));
    for (name, words) in searches {
        filters.push((format!("search {name}"), vec![format!("q={}", words.replace(' ', "+")); sites.len()]));
    }
    for (_, name, _) in STATUSES {
        filters.push((format!("status {name}"), vec![format!("status={name}"); sites.len()]));
    }
    for role in ["org_admin", "user_manager", "account_manager"] {
        filters.push((format!("role {role}"), vec![format!("role={role}"); sites.len()]));
    }
    for (_, name, _) in IDLE {
        filters.push((format!("idle {name}"), vec![format!("idle={name}"); sites.len()]));
    }
    for seen in ["30", "365", "never"] {
        filters.push((format!("not seen {seen}"), vec![format!("signed_in={seen}"); sites.len()]));
    }
    let mut own = |name: &str, query: &dyn Fn(&mut Site) -> anyhow::Result<String>| -> anyhow::Result<()> {
        filters.push((name.to_owned(), sites.iter_mut().map(query).collect::<anyhow::Result<_>>()?));
        Ok(())
    };
    let some_id = |site: &mut Site| Ok(format!("q={}", list(site, Who::Admin, "page=3")?.1[7]));
    own("search a unique ID", &some_id)?;
    own("in the root", &|site| organisation(site, "Measured Group"))?;
    own("in a region", &|site| organisation(site, "Region 7"))?;
    own("in a site", &|site| organisation(site, "Site 500"))?;
    own("enrolled on one", &|site| experience(site, "LX-3"))?;
    own("region, active, common word", &|site| Ok(organisation(site, "Region 7")? + "&status=active&q=maria"))?;
    own("region, inactive", &|site| Ok(organisation(site, "Region 7")? + "&status=inactive"))?;
    own("region, not seen 365", &|site| Ok(organisation(site, "Region 7")? + "&signed_in=365"))?;
    own("site, enrolled, active", &|site| {
        Ok(format!("{}&{}&status=active", organisation(site, "Site 500")?, experience(site, "LX-3")?))
    })?;
    own("enrolled, active, not seen 90", &|site| Ok(experience(site, "LX-3")? + "&status=active&signed_in=90"))?;
    own("active, common word", &|_| Ok("status=active&q=maria".to_owned()))?;
    own("user manager, not seen 365", &|_| Ok("role=user_manager&signed_in=365".to_owned()))?;
    let narrowed = |who: Who| move |(name, queries): (String, Vec<String>)| Narrowed { name, who, queries };
    let mut filters: Vec<Narrowed> = filters.into_iter().map(narrowed(Who::Admin)).collect();
    let in_scope = [
        ("all", ""),
        ("common word", "q=maria"),
        ("active, common word", "status=active&q=maria"),
        ("inactive", "status=inactive"),
        ("expired", "status=expired"),
        ("everything completed", "idle=completed"),
        ("not seen 365", "signed_in=365"),
    ];
    let own = in_scope.map(|(name, query)| (format!("of a user manager: {name}"), vec![query.to_owned(); sites.len()]));
    filters.extend(own.into_iter().map(narrowed(Who::Manager)));
    Ok(filters)
}

fn organisation(site: &mut Site, name: &str) -> anyhow::Result<String> {
    let id: uuid::Uuid =
        organisations::table.filter(organisations::name.eq(name)).select(organisations::id).first(&mut site.conn)?;
    Ok(format!("organisation={id}"))
}

fn experience(site: &mut Site, code: &str) -> anyhow::Result<String> {
    let id: uuid::Uuid =
        experiences::table.filter(experiences::code.eq(code)).select(experiences::id).first(&mut site.conn)?;
    Ok(format!("experience={id}"))
}

//! Raw SQL as a prepared statement.
//!
//! `diesel::sql_query` is parsed and planned anew at every call, which takes longer than the
//! short queries of a page take to run. A [`Prepared`] query is the same text with the same
//! `$1`, `$2`, … but goes through the connection's cache of statements.

use std::marker::PhantomData;

use diesel::connection::SimpleConnection;
use diesel::expression::{AsExpression, TypedExpressionType};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{SingleValue, SqlType, Untyped};

use crate::error::AppError;

/// Runs `work` with statements that are planned for the values that they are run with: where it depends on
/// these how many rows there are, as with the words of a search, one plan for all would be far off for some.
/// In a transaction.
pub fn planned_for_values<T>(
    conn: &mut PgConnection,
    work: impl FnOnce(&mut PgConnection) -> Result<T, AppError>,
) -> Result<T, AppError> {
    conn.batch_execute("set local plan_cache_mode to force_custom_plan")?;
    let done = work(conn)?;
    conn.batch_execute("set local plan_cache_mode to default")?;
    Ok(done)
}

/// The same for the statements of a page, which shall stop as soon as it is full: rows are looked up one by one, as in
/// memory, and no other processes start to find more of them.
pub fn planned_for_a_page<T>(
    conn: &mut PgConnection,
    work: impl FnOnce(&mut PgConnection) -> Result<T, AppError>,
) -> Result<T, AppError> {
    conn.batch_execute("set local random_page_cost to 1.1; set local max_parallel_workers_per_gather to 0")?;
    let done = planned_for_values(conn, work)?;
    conn.batch_execute("set local random_page_cost to default; set local max_parallel_workers_per_gather to default")?;
    Ok(done)
}

/// For a transaction about many thousand rows that are named by their ids: its statements are planned for the ids
/// that they are run with, and for tables that are in memory, as those of people are. A generic plan
/// would assume ten ids.
pub fn plan_for_many(conn: &mut PgConnection) -> Result<(), AppError> {
    Ok(conn.batch_execute("set local plan_cache_mode to force_custom_plan; set local random_page_cost to 1.1")?)
}

/// A query whose text is part of the program. Rows are read by name.
pub struct Prepared {
    sql: &'static str,
    values: Vec<Box<dyn QueryFragment<Pg> + Send>>,
}

/// A query without its values yet. Comments at its beginning, which explain the parameters, are left out.
pub fn prepared(sql: &'static str) -> Prepared {
    let mut sql = sql;
    while let Some(comment) = sql.strip_prefix("--") {
        sql = comment.split_once('\n').map_or("", |(_, rest)| rest);
    }
    Prepared { sql, values: Vec::new() }
}

impl Prepared {
    /// The value of the next parameter: the first call binds `$1`.
    #[must_use]
    pub fn bind<ST, V>(mut self, value: V) -> Prepared
    where
        ST: SqlType + SingleValue + TypedExpressionType,
        V: AsExpression<ST>,
        V::Expression: QueryFragment<Pg> + Send + 'static,
    {
        self.values.push(Box::new(value.as_expression()));
        self
    }

    /// A query of the DSL as the next parameter: it stands in the text where the parameter is named,
    /// as in `with chosen as ($1)`.
    #[must_use]
    pub fn query(mut self, query: impl QueryFragment<Pg> + Send + 'static) -> Prepared {
        self.values.push(Box::new(query));
        self
    }

    /// The same query, whose rows are read by position: looking columns up by name takes longer than
    /// all the rest where rows are very many. `ST` are the types of the columns.
    pub fn typed<ST>(self) -> Typed<ST> {
        Typed { query: self, columns: PhantomData }
    }
}

/// A [`Prepared`] query whose rows are read by position.
pub struct Typed<ST> {
    query: Prepared,
    columns: PhantomData<ST>,
}

impl QueryFragment<Pg> for Prepared {
    /// Every mention of a parameter becomes a parameter of its own, since Diesel numbers them.
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut rest = self.sql;
        while let Some(at) = rest.find('$') {
            let digits = rest[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
            let value =
                rest[at + 1..at + 1 + digits].parse().ok().and_then(|number: usize| self.values.get(number - 1));
            let Some(value) = value else {
                return Err(diesel::result::Error::QueryBuilderError("a parameter without a value".into()));
            };
            out.push_sql(&rest[..at]);
            value.walk_ast(out.reborrow())?;
            rest = &rest[at + 1 + digits..];
        }
        out.push_sql(rest);
        Ok(())
    }
}

impl QueryId for Prepared {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false; // the cache goes by the text
}

impl Query for Prepared {
    type SqlType = Untyped;
}

impl<Conn> RunQueryDsl<Conn> for Prepared {}

impl<ST> QueryFragment<Pg> for Typed<ST> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.query.walk_ast(out)
    }
}

impl<ST> QueryId for Typed<ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST> Query for Typed<ST> {
    type SqlType = ST;
}

impl<ST, Conn> RunQueryDsl<Conn> for Typed<ST> {}

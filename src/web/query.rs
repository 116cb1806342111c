//! Reading the query of an address leniently.

use serde::{Deserialize, Deserializer};

/// The value, or the usual one when it cannot be read.
pub fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    let text = String::deserialize(deserializer)?;
    Ok(T::deserialize(serde::de::value::StringDeserializer::<serde::de::value::Error>::new(text)).unwrap_or_default())
}

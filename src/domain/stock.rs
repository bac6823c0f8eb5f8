//! The initial data of a new platform, as JSON. The tool uses it offline, for completions and checks.

/// Categories: an array of category records, parents before children.
pub const CATEGORIES: &str = include_str!("stock/categories.json");
/// Templates of typical appeals: an array of template records.
pub const TEMPLATES: &str = include_str!("stock/templates.json");
/// The production calendar of Russia.
pub const CALENDAR: &str = include_str!("stock/calendar-ru.json");
/// Regions by the codes of the Federal Tax Service.
pub const REGIONS: &str = include_str!("stock/regions.json");
/// Deadline policies by name and by channel.
pub const POLICIES: &str = include_str!("stock/policies.json");

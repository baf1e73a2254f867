//! What every table that is listed in parts can do.

/// Makes `list`, `count` and `are_more_than` of a file that says which rows are wanted
/// (`wanted_ones`) and how one is read (`read`): one part of them in an order, how many there are,
/// and whether there are too many to be listed whole. One place, so that no list forgets its order
/// or reads on after its limit.
///
/// `list(ORDER, ID) -> MODEL`; with `count(ORDER, ID)` the file has a `list` of its own.
macro_rules! windowed {
    ($(#[$doc:meta])* list($order:expr, $id:expr) -> $model:ty) => {
        $(#[$doc])*
        pub fn list(
            c: &mut AnyConnection,
            wanted: &Wanted,
            window: Window,
        ) -> Result<Vec<$model>, StoreError> {
            let rows: Vec<Row> = wanted_ones(wanted)
                .order($order)
                .limit(window.limit())
                .offset(window.offset())
                .select(Row::as_select())
                .load(c)?;
            rows.into_iter().map(read).collect()
        }

        windowed! { count($order, $id) }
    };
    (count($order:expr, $id:expr)) => {
        /// How many are wanted.
        pub fn count(c: &mut AnyConnection, wanted: &Wanted) -> Result<i64, StoreError> {
            Ok(wanted_ones(wanted).count().get_result(c)?)
        }

        /// Whether there are more than `limit`, without reading on after that.
        pub fn are_more_than(
            c: &mut AnyConnection,
            wanted: &Wanted,
            limit: i64,
        ) -> Result<bool, StoreError> {
            let next: Option<String> = wanted_ones(wanted)
                .order($order)
                .limit(1)
                .offset(limit)
                .select($id)
                .first(c)
                .optional()?;
            Ok(next.is_some())
        }
    };
}

pub(super) use windowed;

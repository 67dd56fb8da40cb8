"""Parts that engines are put together from, none of which knows any engine."""

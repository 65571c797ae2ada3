//! What the CNA does after an ID is assigned, as rules without a store.

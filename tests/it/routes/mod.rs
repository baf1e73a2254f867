//! What holds for every route, walked through the route table: who may call it, and what it refuses.

mod answers;
mod bodies;
mod callers;
mod matrix;
mod pages;
mod paths;
mod refusals;
mod rules;
mod world;

/// Below this lies the resource API.
const API: &str = "/console/api/v2";

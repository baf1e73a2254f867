//! What is printed: medians of the rounds with their least and greatest, and a verdict.

/// One value for each round.
#[derive(Clone, Default)]
pub struct Rounds(pub Vec<f64>);

impl Rounds {
    pub fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    }

    fn least(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }

    fn greatest(&self) -> f64 {
        self.0.iter().copied().fold(0.0, f64::max)
    }
}

/// The CPU time of one request: in microseconds, and as a ratio to what stands beside it.
pub struct Cost {
    pub name: String,
    pub micros: Rounds,
    pub ratio: Rounds,
    /// What the median of the ratios may be at most.
    pub bound: Option<f64>,
}

impl Cost {
    fn is_over(&self) -> bool {
        self.bound.is_some_and(|bound| self.ratio.median() > bound)
    }
}

/// Prints the costs; answers whether one is over its bound.
pub fn print_costs(unit: &str, costs: &[Cost]) -> bool {
    println!("\n{:<47} {:>8}  {unit}", "CPU time of the server", "us");
    println!(
        "{:<47} {:>8} {:>7} {:>15} {:>6}",
        "", "median", "median", "min - max", "bound"
    );
    for cost in costs {
        let (median, least, most) = (
            cost.ratio.median(),
            cost.ratio.least(),
            cost.ratio.greatest(),
        );
        let bound = cost.bound.map(|bound| format!("{bound:.2}"));
        let verdict = match (cost.bound, cost.is_over()) {
            (None, _) => "",
            (Some(_), false) => "PASS",
            (Some(_), true) => "OVER",
        };
        println!(
            "{:<47} {:>8.1} {median:>7.3} {:>15} {:>6} {verdict}",
            cost.name,
            cost.micros.median(),
            format!("{least:.3} - {most:.3}"),
            bound.unwrap_or_default(),
        );
    }
    costs.iter().any(Cost::is_over)
}

/// A figure that is reported beside its goal, and fails nothing.
pub struct Figure {
    pub name: String,
    pub value: f64,
    pub unit: &'static str,
    pub goal: Option<f64>,
}

pub fn print_figures(figures: &[Figure]) {
    println!("\n{:<47} {:>8} {:>10} {:>6}", "Reported", "", "", "goal");
    for figure in figures {
        let digits = if figure.value < 10.0 { 2 } else { 0 };
        let goal = figure.goal.map(|goal| format!("{goal}"));
        println!(
            "{:<47} {:>8.digits$} {:<10} {:>6}",
            figure.name,
            figure.value,
            figure.unit,
            goal.unwrap_or_default()
        );
    }
}

//! The words of the language, and which of them a bare name may not be.

/// Every keyword with a few words about it, for help and completion.
pub const KEYWORDS: &[(&str, &str)] = &[
    // What a statement starts with.
    ("add", "raise a measure by an amount or a share; add a member"),
    ("allocate", "spread what one part has over the others"),
    ("backup", "copy the cube, with its whole record, to a new file"),
    ("begin", "start several statements that count as one"),
    ("branch", "start a scenario as the copy of another"),
    ("clear", "empty a measure's cells"),
    ("compare", "list what differs between two scenarios"),
    ("commit", "end `begin`, keeping what was done"),
    ("copy", "copy a measure from one place to another"),
    ("create", "create a dimension, scenario or measure"),
    ("define", "keep a formula under a name"),
    ("describe", "tell about the cube, a dimension or a measure"),
    ("drop", "remove a scenario or a definition"),
    ("explain", "tell how a question is answered"),
    ("export", "write an answer or facts to a file"),
    ("fill", "give every leaf a value"),
    ("fit", "meet several sets of totals at once"),
    ("hash", "a short text that stands for all values of a part of the cube"),
    ("history", "list the operations"),
    ("hold", "keep cells or a total as they are"),
    ("holds", "list what is held"),
    ("load", "read facts or members from a file"),
    ("lock", "refuse changes to a scenario or period"),
    ("members", "list the members of a dimension"),
    ("merge", "take over what a branch changed"),
    ("move", "take an amount from one place to another; put a member under another parent"),
    ("preview", "show what a change would do"),
    ("ramp", "rise or fall over the periods"),
    ("redo", "do again what was undone"),
    ("release", "end a hold"),
    ("rename", "give a member another name"),
    ("revert", "take back one earlier operation"),
    ("rollback", "end `begin`, dropping what was done"),
    ("save", "keep a question: `save view`"),
    ("seek", "the value of a named number that meets an equation"),
    ("set", "give a measure a new total"),
    ("show", "ask for numbers"),
    ("solve", "the least change that meets several demands"),
    ("trace", "where a number comes from"),
    ("undo", "take back the last operations"),
    ("unlock", "allow changes again"),
    ("views", "list the questions kept"),
    ("use", "choose the session's scenario"),
    // Clauses of a question.
    ("across", "what lies along the columns"),
    ("as", "gives a name"),
    ("asc", "smallest first"),
    ("bottom", "the last rows only"),
    ("by", "what lies along the rows; a measure to spread by"),
    ("desc", "largest first"),
    ("empty", "keep empty rows and columns"),
    ("having", "keep rows by their values"),
    ("others", "one row for what `top` left out"),
    ("per", "within each outer row"),
    ("order", "sort the rows"),
    ("top", "the first rows only"),
    ("totals", "add totals and subtotals"),
    ("view", "a question kept under a name"),
    ("vs", "compare two members: both, variance, variance %, F/U"),
    ("where", "which part of the cube"),
    ("within", "within each outer row"),
    ("with", "adds something: totals, others, empty, attributes, a value"),
    // Selections and formulas.
    ("abs", "without its sign"),
    ("all", "every member; the dimension's total"),
    ("and", "both"),
    ("children", "the members directly below"),
    ("coalesce", "the first that is not empty"),
    ("count", "how many have data"),
    ("descendants", "all members below"),
    ("else", "the other value of `if`"),
    ("if", "a value by condition"),
    ("in", "one of several members"),
    ("except", "takes members out"),
    ("htd", "from the start of the half year"),
    ("leaves", "the lowest members below"),
    ("level", "all members of a level"),
    ("like", "by pattern; by the shares of another selection"),
    ("median", "the middle value"),
    ("mtd", "from the start of the month"),
    ("next", "so much later, as `next year`"),
    ("not", "the opposite"),
    ("of", "belongs to `children`, `leaves`, `descendants`, `members`"),
    ("or", "one of both"),
    ("parent", "the member above, as `department = parent`"),
    ("prev", "so much earlier, as `prev 3 months`"),
    ("qtd", "from the start of the quarter"),
    ("rank", "the place among the rows, the largest first"),
    ("running", "the sum down to this row"),
    ("round", "to so many digits"),
    ("then", "the first value of `if`; what follows a cut-off"),
    ("through", "up to this period, as `actual through 2026-03 then plan`"),
    ("trailing", "the last so many, as `trailing 12 months`"),
    ("ytd", "from the start of the year"),
    // How a change is done.
    ("allow", "`allow negative` results"),
    ("back", "`phased back`: rising over time"),
    ("because", "the reason, kept in the history"),
    ("between", "within which values"),
    ("changing", "`changing least` of what is there"),
    ("each", "every member by itself"),
    ("equally", "the same amount for each leaf"),
    ("existing", "over the leaves that have data"),
    ("from", "where it comes from"),
    ("front", "`phased front`: falling over time"),
    ("growth", "by the same factor each period"),
    ("holding", "what must not change"),
    ("linear", "by the same step each period"),
    ("negative", "belongs to `allow`"),
    ("over", "over which leaves; over which dimension"),
    ("phased", "how an amount lies over time"),
    ("proportionally", "by what is there; the default"),
    ("s-curve", "slowly at both ends"),
    ("so", "`so that` demands are met"),
    ("step", "the smallest unit, as `step 1`"),
    ("taking", "whose value counts where both have changed a cell"),
    ("times", "the factor of a copy"),
    ("total", "the whole slice; `hold total` holds no more than its sum"),
    ("to", "the new total; where it goes"),
    ("unless", "what stands for nothing in a file, as `boss -> parent unless 0`"),
    ("unspread", "leave the amount at the level named"),
    ("whole", "`in whole` units"),
    // The model.
    ("above", "a level goes above another"),
    ("average", "the mean"),
    ("below", "a level goes below another"),
    ("closing", "the scenario's last period with data"),
    ("decimal", "a measure's type, with digits after the point"),
    ("dimension", "a dimension"),
    ("favours", "which way is good: higher or lower"),
    ("first", "the first period with data"),
    ("fiscal", "`fiscal start` is the month the year starts in"),
    ("format", "how a number is shown"),
    ("hierarchy", "a further tree of a dimension, by attributes"),
    ("higher", "belongs to `favours`"),
    ("last", "the last period with data; the last row counts"),
    ("levels", "a dimension's levels, outermost first"),
    ("lower", "belongs to `favours`"),
    ("max", "the largest"),
    ("measure", "a measure"),
    ("member", "a member of a dimension"),
    ("min", "the smallest"),
    ("months", "the first and last month of a calendar"),
    ("weeks", "the first and last week of a calendar"),
    ("none", "does not add up"),
    ("parent-child", "members are given with their parents"),
    ("scenario", "a scenario"),
    ("start", "belongs to `fiscal`"),
    ("sum", "adds up"),
    ("time", "`time dimension` is a calendar"),
    ("under", "the parent of a new member"),
    ("unit", "a measure's unit"),
    ("weight", "how a member counts in its parent"),
    // Loading.
    ("creating", "`creating members` that are not there"),
    ("duplicate", "belongs to `on`"),
    ("errors", "belongs to `skipping`"),
    ("journal", "the record, as a script"),
    ("into", "the scenario loaded into"),
    ("on", "`on duplicate` rows"),
    ("reject", "two rows for one cell stop the load"),
    ("replace", "clear first what is loaded"),
    ("skipping", "put bad rows aside"),
];

/// The functions of formulas.
pub const FUNCTIONS: [&str; 11] =
    ["abs", "round", "min", "max", "coalesce", "sum", "average", "median", "count", "rank", "running"];

/// Words that are a name only in double quotes: where one of them stands, a clause begins or goes on.
const RESERVED: [&str; 25] = [
    "across", "and", "as", "because", "bottom", "by", "else", "from", "having", "holding", "if", "in", "like", "not",
    "or", "order", "then", "to", "top", "vs", "where", "with", "show", "of", "over",
];

/// Words that end a list of conditions, besides the reserved ones.
const AFTER_CONDITIONS: [&str; 14] = [
    "allow",
    "between",
    "changing",
    "equally",
    "except",
    "growth",
    "linear",
    "phased",
    "proportionally",
    "so",
    "step",
    "taking",
    "times",
    "unspread",
];

/// Whether a word begins a clause, so that it is never a new name without quotes.
pub fn begins_clause(word: &str) -> bool {
    among(word, &["as", "by", "across", "where", "having", "order", "top", "bottom", "with", "from", "to"])
}

/// Whether a word is a name in quotes only.
pub fn is_reserved(word: &str) -> bool {
    among(word, &RESERVED)
}

/// Whether a bare word goes on after a selection rather than being a name in it.
pub fn ends_conditions(word: &str) -> bool {
    is_reserved(word) || among(word, &AFTER_CONDITIONS)
}

/// Whether a word is one of some words, in any case.
pub fn among(word: &str, words: &[&str]) -> bool {
    words.iter().any(|other| word.eq_ignore_ascii_case(other))
}

/// The word among some that was probably meant, if one is near.
pub fn nearest(found: &str, words: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let found = found.to_lowercase();
    words
        .filter(|word| !word.eq_ignore_ascii_case(&found))
        .map(|word| (word, strsim::jaro_winkler(&found, word)))
        .filter(|(word, likeness)| *likeness >= 0.9 || is_slip(&found, word))
        .max_by(|left, right| left.1.total_cmp(&right.1))
        .map(|(word, _)| word)
}

/// Whether two words differ by a slip of the fingers, or two in a longer word.
fn is_slip(found: &str, word: &str) -> bool {
    let most = match found.chars().count() {
        0 | 1 => 0,
        2..=5 => 1,
        _ => 2,
    };
    strsim::damerau_levenshtein(found, word) <= most
}

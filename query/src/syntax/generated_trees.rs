//! Trees of statements for tests: any the parser could make.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use super::ast::*;

fn name() -> impl Strategy<Value = Name> {
    let bare = [
        "plan",
        "actual",
        "Apollo",
        "cost",
        "level",
        "period",
        "members",
        "unit",
        "first",
        "last",
        "average",
        "sum",
        "children",
        "step",
        "equally",
        "times",
        "proportionally",
        "Größe",
        "_x1",
        "show1",
        "weight",
        "under",
        "desc",
        "asc",
        "month",
        "prev",
        "empty",
        "totals",
        "unspread",
    ];
    let quoted = ["New York", "a\"b", "by", "2026", "all", "x;y", "--", "ytd", "parent", "Top"];
    let period = ["2026", "2026-Q1", "2026-H2", "2026-03", "FY2026", "FY2026-Q1"];
    prop_oneof![
        5 => select(bare.to_vec()).prop_map(|text| made(text, NameKind::Bare)),
        2 => select(quoted.to_vec()).prop_map(|text| made(text, NameKind::Quoted)),
        1 => select(period.to_vec()).prop_map(|text| made(text, NameKind::Period)),
    ]
}

fn made(text: &str, kind: NameKind) -> Name {
    Name { text: text.to_owned(), kind, span: 0..0 }
}

fn path() -> impl Strategy<Value = Path> {
    vec(name(), 1..3).prop_map(|names| Path { names })
}

fn text() -> impl Strategy<Value = String> {
    select(&["", "x", "it's", "a;b", "Plat%", "\"", "-- no"][..]).prop_map(str::to_owned)
}

fn file() -> impl Strategy<Value = String> {
    text().prop_filter("a file has a name", |name| !name.is_empty())
}

fn unsigned() -> impl Strategy<Value = Number> {
    let plain =
        (0..20_000_i128, 0..4_u8).prop_map(|(units, scale)| Number { units, scale, percent: false, span: 0..0 });
    let percent =
        (0..2_000_i128, 2..5_u8).prop_map(|(units, scale)| Number { units, scale, percent: true, span: 0..0 });
    let large = Just(Number { units: i128::MAX, scale: 30, percent: false, span: 0..0 });
    prop_oneof![8 => plain, 2 => percent, 1 => large]
}

fn number() -> impl Strategy<Value = Number> {
    (unsigned(), any::<bool>()).prop_map(|(number, negative)| {
        let units = if negative { -number.units } else { number.units };
        Number { units, ..number }
    })
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![number().prop_map(Literal::Number), text().prop_map(|text| Literal::Text(text, 0..0)),]
}

fn comparison() -> impl Strategy<Value = Comparison> {
    use Comparison::*;
    select(&[Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual][..])
}

fn condition() -> impl Strategy<Value = Condition> {
    let below = select(&[Below::Children, Below::Leaves, Below::Descendants][..]);
    let value = prop_oneof![path().prop_map(Value::Path), literal().prop_map(Value::Literal)];
    let simple = prop_oneof![
        3 => path().prop_map(Condition::Named),
        1 => level().prop_map(Condition::Level),
        1 => (path(), path()).prop_map(|(first, last)| Condition::Range(first, last)),
        1 => (below, path()).prop_map(|(which, path)| Condition::Below(which, path)),
        1 => (path(), comparison(), value).prop_map(|(subject, comparison, value)| {
            Condition::Compare { subject, comparison, value, span: 0..0 }
        }),
        1 => (path(), text(), any::<bool>()).prop_map(|(subject, pattern, negated)| {
            Condition::Like { subject, pattern, negated, span: 0..0 }
        }),
    ];
    let simple = prop_oneof![8 => simple, 1 => relative().prop_map(|relative| Condition::Relative(relative, 0..0))];
    simple.prop_recursive(2, 6, 3, |inner| {
        let listed = (path(), vec(inner.clone(), 1..3), any::<bool>());
        let except = (inner.clone(), vec(inner, 1..3));
        prop_oneof![
            2 => listed.prop_map(|(subject, items, negated)| Condition::In { subject, items, negated, span: 0..0 }),
            1 => except.prop_map(|(base, out)| Condition::Except { base: base.into(), out, span: 0..0 }),
        ]
    })
}

fn relative() -> impl Strategy<Value = Relative> {
    use TimeUnit::*;
    let unit = || select(&[Week, Month, Quarter, Half, Year][..]);
    let count = || {
        let named = select(&["slip", "Größe"][..]).prop_map(|text| Count::Named(made(text, NameKind::Bare)));
        prop_oneof![Just(Count::One), (0..40_u64).prop_map(Count::Number), named]
    };
    prop_oneof![
        (any::<bool>(), count(), unit()).prop_map(|(back, count, unit)| Relative::Shift { back, count, unit }),
        select(&[Month, Quarter, Half, Year][..]).prop_map(Relative::ToDate),
        (count(), unit())
            .prop_filter("trailing takes a count", |(count, _)| *count != Count::One)
            .prop_map(|(count, unit)| Relative::Trailing { count, unit }),
    ]
}

fn define() -> impl Strategy<Value = Define> {
    let through = (vec((path(), select(&["2026-03", "2026-Q1"][..])), 1..3), path()).prop_map(|(parts, then)| {
        let parts = parts.into_iter().map(|(member, last)| (member, made(last, NameKind::Period))).collect();
        Body::Through { parts, then }
    });
    let body = prop_oneof![3 => expr().prop_map(Body::Formula), 1 => through];
    (path(), body, any::<bool>(), of(text()), of(text()), of(any::<bool>())).prop_map(
        |(name, body, at_leaves, unit, format, favours_higher)| Define {
            name,
            body,
            at_leaves,
            unit,
            format,
            favours_higher,
        },
    )
}

/// A path that may follow `level`: `level step` would be the member `level` and the word `step`.
fn level() -> impl Strategy<Value = Path> {
    let bare = select(vec!["plan", "Apollo", "unit", "level"]);
    let first = prop_oneof![
        3 => bare.prop_map(|text| made(text, NameKind::Bare)),
        1 => Just(made("New York", NameKind::Quoted)),
    ];
    (first, vec(name(), 0..2))
        .prop_map(|(first, others)| Path { names: std::iter::once(first).chain(others).collect() })
}

fn conditions() -> impl Strategy<Value = Vec<Condition>> {
    vec(condition(), 1..4)
}

fn expr() -> impl Strategy<Value = Expr> {
    let reference = (path(), vec(condition(), 0..2))
        .prop_map(|(path, selection)| Expr::Reference { path, selection, span: 0..0 })
        .prop_filter("a year alone is a number here", |expr| !expr.to_string().starts_with("2026"));
    let leaf = prop_oneof![1 => unsigned().prop_map(Expr::Number), 3 => reference];
    leaf.prop_recursive(4, 20, 3, |inner| {
        let call = (select(&["abs", "min", "count"][..]), vec(inner.clone(), 1..3));
        prop_oneof![
            4 => (operator(), inner.clone(), inner.clone()).prop_map(|(operator, left, right)| {
                Expr::Binary { operator, left: left.into(), right: right.into(), span: 0..0 }
            }),
            1 => inner.clone().prop_map(|inner| Expr::Negate(inner.into(), 0..0)),
            1 => (select(&["median", "count"][..]), inner.clone(), path()).prop_map(|(function, argument, item)| {
                let function = made(function, NameKind::Bare);
                Expr::Over { function, argument: argument.into(), item, span: 0..0 }
            }),
            1 => (row_function(), inner.clone(), of(path())).prop_map(|(function, operand, per)| {
                Expr::OverRows { function, operand: operand.into(), per, span: 0..0 }
            }),
            1 => (path(), vec(condition(), 0..2)).prop_map(|(subject, selection)| {
                Expr::CountOf { subject, selection, span: 0..0 }
            }),
            1 => inner.clone().prop_map(|inner| Expr::Not(inner.into(), 0..0)),
            1 => (inner.clone(), inner.clone(), inner).prop_map(|(condition, then, otherwise)| {
                let (condition, then) = (condition.into(), then.into());
                Expr::If { condition, then, otherwise: otherwise.into(), span: 0..0 }
            }),
            1 => call.prop_map(|(function, arguments)| {
                let function = made(function, NameKind::Bare);
                Expr::Call { function, arguments, span: 0..0 }
            }),
        ]
    })
}

fn row_function() -> impl Strategy<Value = RowFunction> {
    select(&[RowFunction::Rank, RowFunction::Running][..])
}

fn operator() -> impl Strategy<Value = Operator> {
    use Operator::*;
    prop_oneof![select(&[Add, Subtract, Multiply, Divide, And, Or][..]), comparison().prop_map(Compare),]
}

fn element() -> impl Strategy<Value = Element> {
    prop_oneof![
        of(name()).prop_map(|alias| Element::All { alias, span: 0..0 }),
        (path(), path()).prop_map(|(left, right)| Element::Versus(left, right)),
        (condition(), of(name())).prop_map(|(condition, alias)| Element::Selection { condition, alias }),
        (expr(), of(name())).prop_map(|(expr, alias)| Element::Formula { expr, alias }),
    ]
}

fn items() -> impl Strategy<Value = Vec<AxisItem>> {
    let item = (path(), of(vec(element(), 1..4)), of(name()));
    vec(item.prop_map(|(subject, elements, alias)| AxisItem { subject, elements, alias, span: 0..0 }), 0..3)
}

fn show() -> impl Strategy<Value = Show> {
    let shown = (expr(), of(name())).prop_map(|(expr, alias)| Shown { expr, alias, span: 0..0 });
    let key = (expr(), any::<bool>()).prop_map(|(expr, descending)| OrderKey { expr, descending });
    let share = (0..=100_i128).prop_map(|units| Take::Share(Number { units, scale: 2, percent: true, span: 0..0 }));
    let take = prop_oneof![(0..5000_u64).prop_map(Take::Rows), share];
    let limit = (any::<bool>(), take, of(expr()), of(path())).prop_map(|(bottom, take, by, per)| Limit {
        bottom,
        take,
        by,
        per,
    });
    let lists = (vec(shown, 1..3), items(), items(), vec(condition(), 0..3));
    let rest = (of(expr()), vec(key, 0..3), of(limit), any::<[bool; 3]>());
    (lists, rest).prop_map(|((shown, by, across, conditions), rest)| {
        let (having, order, limit, [totals, others, empty]) = rest;
        Show { shown, by, across, conditions, having, order, limit, totals, others, empty, view: None }
    })
}

/// A question, or a view of one.
fn shown_or_view() -> impl Strategy<Value = Show> {
    let view = (name(), vec(condition(), 0..3)).prop_map(|(name, conditions)| {
        let view = Some(ViewName { name, span: 0..0 });
        Show { view, conditions, ..Show::default() }
    });
    prop_oneof![4 => show(), 1 => view]
}

fn amount() -> impl Strategy<Value = Amount> {
    number().prop_map(|number| match number.percent {
        true => Amount::Share(number),
        false => Amount::Absolute(number),
    })
}

fn verb() -> impl Strategy<Value = Verb> {
    prop_oneof![
        (path(), number()).prop_map(|(measure, to)| Verb::Set { measure, to }),
        (amount(), path()).prop_map(|(amount, measure)| Verb::Add { amount, measure }),
        (amount(), path(), conditions(), conditions())
            .prop_map(|(amount, measure, from, to)| { Verb::Move { amount, measure, from, to } }),
        (path(), conditions(), conditions(), of(number())).prop_map(|(measure, from, to, times)| Verb::Copy {
            measure,
            from,
            to,
            times
        }),
        path().prop_map(|measure| Verb::Clear { measure }),
        (path(), number()).prop_map(|(measure, with)| Verb::Fill { measure, with }),
        (path(), conditions(), vec(path(), 1..3)).prop_map(|(measure, from, across)| Verb::Allocate {
            measure,
            from,
            across
        }),
        (path(), number(), number()).prop_map(|(measure, from, to)| Verb::Ramp { measure, from, to }),
        (path(), vec(margin(), 1..3)).prop_map(|(measure, margins)| Verb::Fit { measure, margins }),
        path().prop_map(|measure| Verb::Solve { measure }),
    ]
}

fn margin() -> impl Strategy<Value = Margin> {
    (path(), vec((path(), number()), 1..3)).prop_map(|(by, targets)| Margin { by, targets })
}

fn curve() -> impl Strategy<Value = (Curve, Span)> {
    select(&[Curve::Linear, Curve::SCurve, Curve::Growth][..]).prop_map(|curve| (curve, 0..0))
}

fn phasing() -> impl Strategy<Value = (Phasing, Span)> {
    let phasing = prop_oneof![
        select(&[Phasing::Equally, Phasing::Front, Phasing::Back, Phasing::SCurve][..]),
        number().prop_map(Phasing::Growth),
        conditions().prop_map(Phasing::Like),
        (path(), vec(number(), 1..3)).prop_map(|(level, weights)| Phasing::Weights(level, weights)),
    ];
    phasing.prop_map(|phasing| (phasing, 0..0))
}

fn demand() -> impl Strategy<Value = Demand> {
    let named = || {
        prop_oneof![
            path().prop_map(Condition::Named),
            (path(), path()).prop_map(|(first, last)| Condition::Range(first, last)),
        ]
    };
    let of = prop_oneof![
        vec(named(), 0..3).prop_map(Demanded::Part),
        (path(), vec(named(), 0..2)).prop_map(|(item, conditions)| Demanded::Each(item, conditions)),
    ];
    let comparison = select(&[Comparison::Equal, Comparison::LessOrEqual, Comparison::GreaterOrEqual][..]);
    (of, comparison, number()).prop_map(|(of, comparison, value)| Demand { of, comparison, value, span: 0..0 })
}

fn keeping() -> impl Strategy<Value = Statement> {
    let equation = (path(), vec(condition(), 0..2), unsigned())
        .prop_map(|(path, selection, right)| Expr::Binary {
            operator: Operator::Compare(Comparison::Equal),
            left: Expr::Reference { path, selection, span: 0..0 }.into(),
            right: Expr::Number(right).into(),
            span: 0..0,
        })
        .prop_filter("a year alone is a number here", |expr| !expr.to_string().starts_with("2026"));
    prop_oneof![
        (any::<bool>(), path(), vec(condition(), 0..3), of(text())).prop_map(
            |(total, measure, conditions, because)| { Statement::Hold(Hold { total, measure, conditions, because }) }
        ),
        any::<u64>().prop_map(|number| Statement::Release(Release::Number(number))),
        (path(), vec(condition(), 0..3))
            .prop_filter("a year alone is a number here", |(path, _)| path.names[0].kind != NameKind::Period)
            .prop_map(|(path, conditions)| Statement::Release(Release::Of(path, conditions))),
        Just(Statement::Holds),
        (any::<u64>(), of(text())).prop_map(|(operation, because)| Statement::Revert { operation, because }),
        (path(), vec(condition(), 0..3)).prop_map(|(measure, conditions)| Statement::Trace { measure, conditions }),
        (vec(condition(), 0..3), of(text()), of(text()))
            .prop_map(|(conditions, author, like)| { Statement::History(History { conditions, author, like }) }),
        (name(), equation, vec(condition(), 0..2), of((number(), number()))).prop_map(
            |(name, equation, conditions, between)| Statement::Seek(Seek { name, equation, conditions, between })
        ),
    ]
}

fn method() -> impl Strategy<Value = (Method, Span)> {
    let method = prop_oneof![
        Just(Method::Proportionally),
        any::<bool>().prop_map(|over_all| Method::Equally { over_all }),
        expr().prop_map(Method::By),
        conditions().prop_map(Method::Like),
        Just(Method::Unspread),
    ];
    method.prop_map(|method| (method, 0..0))
}

fn change() -> impl Strategy<Value = Change> {
    let first = (verb(), vec(condition(), 0..3), of(method()), vec(condition(), 0..3));
    let over_time = (of(curve()), of(phasing()), vec(demand(), 0..3));
    let rest = (of(number()), any::<bool>(), of(text()));
    (first, over_time, rest).prop_map(|((verb, conditions, method, holding), (curve, phased, demands), rest)| {
        let (step, allow_negative, because) = rest;
        let curve = curve.filter(|_| matches!(verb, Verb::Ramp { .. }));
        let phased = phased.filter(|_| matches!(verb, Verb::Set { .. } | Verb::Add { .. }));
        let demands = if matches!(verb, Verb::Solve { .. }) { demands } else { Vec::new() };
        Change { verb, conditions, method, curve, phased, demands, holding, step, allow_negative, because }
    })
}

fn load() -> impl Strategy<Value = Load> {
    let unless = || vec(literal(), 0..3);
    let mapping = (name(), path(), unless()).prop_map(|(column, target, unless)| Mapping { column, target, unless });
    let until = prop_oneof![Just(Until::Itself), Just(Until::End), name().prop_map(Until::Column)];
    let wide = (name(), until, path(), path(), unless());
    let wide = wide.prop_map(|(first, until, target, measure, unless)| Wide { first, until, target, measure, unless });
    let rules = &[OnDuplicate::Add, OnDuplicate::Last, OnDuplicate::Reject][..];
    let first = (file(), of(path()), of(path()), (vec(mapping, 0..3), vec(wide, 0..2)));
    let replace = of(vec(condition(), 0..3));
    let rest = (any::<bool>(), of(text()), of(select(rules)), replace, of(text()));
    (first, rest).prop_map(|((file, members_of, into, (mapping, wide)), rest)| {
        let (creating_members, skipping_errors, on_duplicate, replace, because) = rest;
        Load {
            file,
            file_span: 0..0,
            members_of,
            into,
            mapping,
            wide,
            creating_members,
            skipping_errors,
            on_duplicate,
            replace,
            because,
        }
    })
}

fn export() -> impl Strategy<Value = Export> {
    let what = prop_oneof![
        show().prop_map(|show| Exported::Answer(Box::new(show))),
        conditions().prop_map(Exported::Facts),
        Just(Exported::Journal),
    ];
    (what, file()).prop_map(|(what, file)| Export { what, file, file_span: 0..0 })
}

fn arrangement() -> impl Strategy<Value = Arrangement> {
    prop_oneof![vec(name(), 1..4).prop_map(Arrangement::Levels), Just(Arrangement::ParentChild)]
}

fn edit() -> impl Strategy<Value = Statement> {
    let orders = &[MemberOrder::Loaded, MemberOrder::Name, MemberOrder::Key][..];
    prop_oneof![
        (name(), arrangement(), any::<bool>(), of(name())).prop_map(|(name, arrangement, leaves_only, default)| {
            Statement::AddDimension { name, arrangement, leaves_only, default }
        }),
        (name(), path(), vec(name(), 1..3)).prop_map(|(name, on, levels)| Statement::CreateHierarchy {
            name,
            on,
            levels
        }),
        (name(), path(), any::<bool>(), name(), of(name())).prop_map(|(level, to, above, beside, default)| {
            Statement::AddLevel { level, to, above, beside, default }
        }),
        (path(), path(), of(path())).prop_map(|(member, to, under)| Statement::MoveMember {
            member,
            to: Some(to),
            under
        }),
        (path(), path()).prop_map(|(member, under)| Statement::MoveMember { member, to: None, under: Some(under) }),
        (path(), name()).prop_map(|(member, name)| Statement::RenameMember { member, name }),
        path().prop_map(Statement::DropMember),
        (path(), select(orders)).prop_map(|(of, by)| Statement::OrderMembers { of, by }),
    ]
}

fn model() -> impl Strategy<Value = Statement> {
    let rollups = &[Rollup::Sum, Rollup::Min, Rollup::Max, Rollup::Average, Rollup::None][..];
    let times = &[OverTime::Last, OverTime::Closing, OverTime::First, OverTime::Average][..];
    let options = (of(select(rollups)), of((select(times), name())), of(text()), of(text()), of(any::<bool>()));
    let attributes = vec((name(), literal()), 0..3);
    prop_oneof![
        (name(), arrangement(), any::<bool>()).prop_map(|(name, arrangement, leaves_only)| {
            Statement::CreateDimension { name, arrangement, leaves_only }
        }),
        edit(),
        (name(), any::<bool>(), name(), name(), of(unsigned())).prop_map(|(name, weeks, first, last, fiscal_start)| {
            Statement::CreateTime { name, weeks, first, last, fiscal_start }
        }),
        vec(name(), 1..3).prop_map(|names| Statement::CreateScenario { names }),
        (name(), unsigned(), options).prop_map(|(name, decimals, options)| {
            let (rollup, over_time, unit, format, favours_higher) = options;
            Statement::CreateMeasure { name, decimals, rollup, over_time, unit, format, favours_higher }
        }),
        (name(), path(), of(path()), of(number()), attributes).prop_map(|(name, to, under, weight, attributes)| {
            Statement::AddMember { name, to, under, weight, attributes }
        }),
    ]
}

fn merge() -> impl Strategy<Value = Merge> {
    (path(), path(), vec(condition(), 0..3), of(path()), of(text()))
        .prop_map(|(from, into, conditions, taking, because)| Merge { from, into, conditions, taking, because })
}

fn branches() -> impl Strategy<Value = Statement> {
    prop_oneof![
        (path(), path(), items(), vec(condition(), 0..3), of(any::<u64>())).prop_map(
            |(left, right, by, conditions, top)| Statement::Compare(Compare { left, right, by, conditions, top })
        ),
        merge().prop_map(Statement::Merge),
        merge().prop_map(Statement::PreviewMerge),
        vec(condition(), 0..3).prop_map(Statement::Hash),
        file().prop_map(|file| Statement::Backup { file, file_span: 0..0 }),
    ]
}

fn session() -> impl Strategy<Value = Statement> {
    prop_oneof![
        2 => branches(),
        1 => path().prop_map(Statement::Use),
        1 => (name(), path(), of(text())).prop_map(|(name, from, because)| Statement::Branch { name, from, because }),
        1 => path().prop_map(Statement::Drop),
        1 => conditions().prop_map(Statement::Lock),
        1 => conditions().prop_map(Statement::Unlock),
        1 => any::<u64>().prop_map(Statement::Undo),
        1 => any::<u64>().prop_map(Statement::Redo),
        1 => Just(Statement::Describe(Described::Cube)),
        1 => path().prop_map(|path| Statement::Describe(Described::Named(path))),
        1 => path().prop_map(Statement::Members),
        1 => Just(Statement::Begin),
        1 => Just(Statement::Commit),
        1 => Just(Statement::Rollback),
    ]
}

/// Any statement.
pub fn statement() -> impl Strategy<Value = Statement> {
    prop_oneof![
        4 => shown_or_view().prop_map(Statement::Show),
        1 => shown_or_view().prop_map(Statement::Explain),
        1 => (name(), shown_or_view()).prop_map(|(name, show)| Statement::SaveView { name, show }),
        1 => name().prop_map(Statement::DropView),
        1 => Just(Statement::Views),
        3 => change().prop_map(Statement::Change),
        1 => change().prop_map(Statement::Preview),
        2 => load().prop_map(Statement::Load),
        1 => export().prop_map(Statement::Export),
        2 => model(),
        2 => session(),
        2 => keeping(),
        1 => define().prop_map(Statement::Define),
        1 => (name(), number()).prop_map(|(name, value)| Statement::SetNumber { name, value }),
    ]
}

namespace ImageTarTasks.Options;

/// <summary>
/// Makes a task a verb of the tool, under one or several command paths: <c>[Verb("save", "image save")]</c>.
/// </summary>
/// <remarks>The help text is the summary of the class's docstring.</remarks>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class VerbAttribute(params string[] paths) : Attribute
{
    /// <summary>The paths, words apart by one space; the first is the one help shows.</summary>
    public string[] Paths { get; } = paths;

    /// <summary>A command line to show in help.</summary>
    public string? Example { get; init; }
}

/// <summary>
/// Makes a property an option of its verb. Without names, the name is <c>--</c> and the property's name in kebab case.
/// A <c>bool</c> is a switch; an array may be given several times. The help text is the summary of the docstring, and
/// the default is the initialiser.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OptionAttribute(params string[] names) : Attribute
{
    /// <summary>
    /// Short and long names with their dashes, such as <c>-o</c>, <c>--output</c>; empty for the name derived from the
    /// property's name.
    /// </summary>
    public string[] Names { get; } = names;

    /// <summary>The name of the value in help; derived from the type when null.</summary>
    public string? ValueName { get; init; }
}

/// <summary>Makes a property a positional argument of its verb; an array takes all that remain.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ArgumentAttribute(int position, string name) : Attribute
{
    /// <summary>0 for the first.</summary>
    public int Position { get; } = position;

    /// <summary>The name in usage lines, such as <c>IMAGE</c>.</summary>
    public string Name { get; } = name;

    /// <summary>Whether the verb works without it.</summary>
    public bool IsOptional { get; init; }

    /// <summary>
    /// Whether all words from here on are it, options included, as in <c>create IMAGE COMMAND --flag</c>.
    /// </summary>
    public bool IsTrailingCommand { get; init; }
}

/// <summary>The only values a property may have, compared without case.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ChoicesAttribute(params string[] values) : Attribute
{
    /// <summary>In the order help shows them.</summary>
    public string[] Values { get; } = values;
}

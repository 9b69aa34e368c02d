using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using ImageTarTasks.Options;
using ImageTarTasks.TaskBases;

namespace ImageTarTasks.Verbs;

/// <summary>
/// A task as a verb, read from the task's type. The tool's parser, <c>--help</c> and docs/reference/tasks.md are made
/// from it.
/// </summary>
internal sealed class Verb
{
    // Lazy, so that one run of the tool reads the properties of one task.
    private readonly Lazy<VerbOption[]> _options;
    private readonly Lazy<VerbArgument[]> _arguments;

    private Verb([DynamicallyAccessedMembers(ImageTask.ReflectedMembers)] Type taskType, VerbAttribute attribute)
    {
        TaskType = taskType;
        Paths = attribute.Paths;
        Example = attribute.Example;
        _options = new(() =>
            FindProperties<OptionAttribute>()
                .Select(p => new VerbOption(p))
                .OrderBy(o => o.LongName, StringComparer.Ordinal)
                .ToArray()
        );
        _arguments = new(() =>
            FindProperties<ArgumentAttribute>().Select(p => new VerbArgument(p)).OrderBy(a => a.Position).ToArray()
        );
    }

    /// <summary>All verbs by the path that is shown.</summary>
    public static IReadOnlyList<Verb> All =>
        [
            .. new[]
            {
                FromTask(typeof(CheckImageStore)),
                FromTask(typeof(CommitContainer)),
                FromTask(typeof(CopyContainerFiles)),
                FromTask(typeof(CreateContainer)),
                FromTask(typeof(DiffContainer)),
                FromTask(typeof(ExportContainer)),
                FromTask(typeof(ImageHistory)),
                FromTask(typeof(ImportRootfs)),
                FromTask(typeof(InspectContainer)),
                FromTask(typeof(InspectImage)),
                FromTask(typeof(InspectObject)),
                FromTask(typeof(ListContainers)),
                FromTask(typeof(ListDiskUsage)),
                FromTask(typeof(ListImages)),
                FromTask(typeof(LoadImage)),
                FromTask(typeof(PrintCompletion)),
                FromTask(typeof(PruneContainers)),
                FromTask(typeof(PruneImages)),
                FromTask(typeof(PruneStore)),
                FromTask(typeof(RemoveContainer)),
                FromTask(typeof(RemoveImage)),
                FromTask(typeof(RenameContainer)),
                FromTask(typeof(SaveImage)),
                FromTask(typeof(ShowInfo)),
                FromTask(typeof(ShowVersion)),
                FromTask(typeof(TagImage)),
                FromTask(typeof(VerifyArchive)),
            }.OrderBy(verb => verb.Paths[0], StringComparer.Ordinal),
        ];

    /// <summary>The task's type.</summary>
    [DynamicallyAccessedMembers(ImageTask.ReflectedMembers)]
    public Type TaskType { get; }

    /// <summary>A new task of that type.</summary>
    public ImageTask CreateTask() => (ImageTask)Activator.CreateInstance(TaskType)!;

    /// <summary>Its command paths; the first is the one shown.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>A command line that shows it, or null.</summary>
    public string? Example { get; }

    /// <summary>Its options by long name.</summary>
    public IReadOnlyList<VerbOption> Options => _options.Value;

    /// <summary>Its positional arguments in order.</summary>
    public IReadOnlyList<VerbArgument> Arguments => _arguments.Value;

    /// <summary>How many positional arguments it needs.</summary>
    public int MinArguments => Arguments.Count(a => !a.IsOptional);

    /// <summary>How many positional arguments it takes, or null for any number.</summary>
    public int? MaxArguments => Arguments.Any(a => a.IsRepeatable) ? null : Arguments.Count;

    /// <summary>The usage line after the path: <c>[OPTIONS] IMAGE [IMAGE...]</c>.</summary>
    public string Usage => string.Join(' ', Arguments.Select(a => a.Usage).Prepend("[OPTIONS]"));

    /// <summary>The verb that is <paramref name="taskType"/>, which has a <see cref="VerbAttribute"/>.</summary>
    public static Verb FromTask([DynamicallyAccessedMembers(ImageTask.ReflectedMembers)] Type taskType) =>
        new(taskType, taskType.GetCustomAttribute<VerbAttribute>()!);

    private IEnumerable<PropertyInfo> FindProperties<TAttribute>()
        where TAttribute : Attribute =>
        TaskType.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.IsDefined(typeof(TAttribute)));
}

/// <summary>A property of a task that is an option of its verb.</summary>
internal sealed class VerbOption
{
    internal VerbOption(PropertyInfo property)
    {
        Property = property;
        var attribute = property.GetCustomAttribute<OptionAttribute>()!;
        Names = attribute.Names.Length > 0 ? attribute.Names : [KebabCase.ToLongOption(property.Name)];
        Choices = property.GetCustomAttribute<ChoicesAttribute>()?.Values ?? [];
        ValueName = IsSwitch
            ? null
            : attribute.ValueName
                ?? (Choices.Count > 0 ? string.Join('|', Choices) : PropertyTypes.GetValueName(property.PropertyType));
    }

    /// <summary>The property it sets.</summary>
    public PropertyInfo Property { get; }

    /// <summary>All names with their dashes.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The name that begins with two dashes.</summary>
    public string LongName => Names.First(n => n.StartsWith("--", StringComparison.Ordinal));

    /// <summary>The only values allowed, or empty.</summary>
    public IReadOnlyList<string> Choices { get; }

    /// <summary>The name of the value in help; null for a switch.</summary>
    public string? ValueName { get; }

    /// <summary>Whether it takes no value.</summary>
    public bool IsSwitch => Property.PropertyType == typeof(bool);

    /// <summary>The default value as text; null when there is none.</summary>
    public string? GetDefault(ImageTask task) => Property.GetValue(task) is string { Length: > 0 } text ? text : null;
}

/// <summary>A property of a task that is a positional argument of its verb.</summary>
internal sealed class VerbArgument
{
    private readonly ArgumentAttribute _attribute;

    internal VerbArgument(PropertyInfo property)
    {
        Property = property;
        _attribute = property.GetCustomAttribute<ArgumentAttribute>()!;
    }

    /// <summary>The property it sets.</summary>
    public PropertyInfo Property { get; }

    /// <summary>0 for the first.</summary>
    public int Position => _attribute.Position;

    /// <summary>The name in usage lines.</summary>
    public string Name => _attribute.Name;

    /// <summary>The only values allowed, or empty.</summary>
    public IReadOnlyList<string> Choices => Property.GetCustomAttribute<ChoicesAttribute>()?.Values ?? [];

    /// <summary>Whether the verb works without it.</summary>
    public bool IsOptional => _attribute.IsOptional;

    /// <summary>Whether all words from here on are it, options included.</summary>
    public bool IsTrailingCommand => _attribute.IsTrailingCommand;

    /// <summary>Whether it takes all that remain.</summary>
    public bool IsRepeatable => Property.PropertyType.IsArray;

    /// <summary><c>IMAGE [IMAGE...]</c>, <c>[NAME]</c>...</summary>
    public string Usage =>
        (IsOptional, IsRepeatable, IsTrailingCommand) switch
        {
            (_, _, true) => $"[{Name}] [ARG...]",
            (false, false, _) => Name,
            (true, false, _) => $"[{Name}]",
            (false, true, _) => $"{Name} [{Name}...]",
            (true, true, _) => $"[{Name}...]",
        };
}

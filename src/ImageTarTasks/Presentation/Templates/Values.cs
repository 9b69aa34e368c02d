using System.Diagnostics.CodeAnalysis;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Presentation.Templates;

// A value of a template is null (Go's nil), bool, long, double, string, or one of the types here. Nothing else:
// templates reach only what was put here.

/// <summary>
/// Text that may be shown as it is: a literal of the template, or text whose untrusted parts have been escaped. A
/// <c>string</c> is untrusted.
/// </summary>
internal sealed record SafeText(string Text);

/// <summary>A list; without items it is Go's nil slice, which prints as empty and is null in JSON.</summary>
internal sealed class ListValue(IReadOnlyList<object?>? items)
{
    /// <summary>The items, or null.</summary>
    public IReadOnlyList<object?>? Items { get; } = items;

    /// <summary>How many items.</summary>
    public int Count => Items?.Count ?? 0;

    /// <summary>A list of strings, or nil.</summary>
    public static ListValue FromStrings(IEnumerable<string>? items) => new(items?.ToArray<object?>());
}

/// <summary>A map, whose keys are ordered by their bytes; without entries it is Go's nil map.</summary>
internal sealed class MapValue
{
    /// <summary>A copy of <paramref name="entries"/>; null for a nil map.</summary>
    public MapValue(IEnumerable<KeyValuePair<string, object?>>? entries, object? missingValue = null)
    {
        Entries = entries?.OrderBy(entry => ByteString.FromText(entry.Key)).ToArray();
        MissingValue = missingValue;
    }

    /// <summary>The entries, or null.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>>? Entries { get; }

    /// <summary>What <c>index</c> answers for a key that is not there: the zero value of the map's type.</summary>
    public object? MissingValue { get; }

    /// <summary>How many entries.</summary>
    public int Count => Entries?.Count ?? 0;

    /// <summary>A map of strings.</summary>
    public static MapValue FromStrings(IEnumerable<KeyValuePair<string, string>>? entries) =>
        new(entries?.Select(entry => new KeyValuePair<string, object?>(entry.Key, entry.Value)), "");

    /// <summary>The value of a key.</summary>
    public bool TryGet(string key, out object? value)
    {
        foreach (var entry in Entries ?? [])
        {
            if (entry.Key == key)
            {
                value = entry.Value;
                return true;
            }
        }

        value = MissingValue;
        return false;
    }
}

/// <summary>A point in time: prints as Go's <c>time.Time</c>, is RFC 3339 in JSON.</summary>
internal sealed record TimeValue(DateTimeOffset Time);

/// <summary>What a key answers that is not in a map.</summary>
[SuppressMessage("Style", "CA1812", Justification = "Only its one instance is used.")]
internal sealed class NoValue
{
    /// <summary>The only one.</summary>
    public static NoValue Instance { get; } = new();
}

/// <summary>
/// Something with a fixed set of fields, Go's struct. Values may be made when they are first asked for.
/// </summary>
/// <param name="type">What error messages call it.</param>
internal sealed class RecordValue(string type)
{
    private readonly List<(string Name, Lazy<object?> Value, bool InJson)> _fields = [];
    private readonly Dictionary<string, string> _aliases = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Func<string, object?>> _methods = new(StringComparer.Ordinal);

    /// <summary>What error messages call it.</summary>
    public string Type { get; } = type;

    /// <summary>
    /// Whether this is a row of a listing: in JSON its keys are sorted and <c>&lt; &gt; &amp;</c> escaped.
    /// </summary>
    public bool IsRow { get; init; }

    /// <summary>Whether this holds the headings of a table: a field that is missing has none.</summary>
    public bool IsHeading { get; init; }

    /// <summary>The fields in order; those made only for templates are not among them.</summary>
    public IEnumerable<KeyValuePair<string, object?>> Fields =>
        _fields.Where(entry => entry.InJson).Select(entry => KeyValuePair.Create(entry.Name, entry.Value.Value));

    /// <summary>Adds a field.</summary>
    public RecordValue With(string name, object? value) => With(name, () => value);

    /// <summary>Adds a field that is made when it is asked for.</summary>
    public RecordValue With(string name, Func<object?> factory)
    {
        _fields.Add((name, new Lazy<object?>(factory), true));
        return this;
    }

    /// <summary>
    /// Adds a field unless it is null or empty text, as Go's <c>omitempty</c>; templates see the empty one.
    /// </summary>
    public RecordValue WithOmitEmpty(string name, object? value)
    {
        _fields.Add(
            (
                name,
                new Lazy<object?>(() => value),
                value is not (null or "" or ListValue { Count: 0 } or MapValue { Count: 0 } or 0L)
            )
        );
        return this;
    }

    /// <summary>Another name for a field: Go's, where JSON's differs.</summary>
    public RecordValue Alias(string alias, string name)
    {
        _aliases.Add(alias, name);
        return this;
    }

    /// <summary>Adds a method of one text argument.</summary>
    public RecordValue WithMethod(string name, Func<string, object?> method)
    {
        _methods.Add(name, method);
        return this;
    }

    /// <summary>The value of a field.</summary>
    public bool TryGet(string name, out object? value)
    {
        var stored = _aliases.GetValueOrDefault(name, name);
        foreach (var field in _fields)
        {
            if (field.Name == stored)
            {
                value = field.Value.Value;
                return true;
            }
        }

        value = null;
        return false;
    }

    /// <summary>A method.</summary>
    public bool TryGetMethod(string name, [NotNullWhen(true)] out Func<string, object?>? method) =>
        _methods.TryGetValue(name, out method);
}

using System.Globalization;
using System.Text;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Presentation.Templates;

/// <summary>
/// The functions of templates: Go's own and Docker's. The evaluator implements <c>and</c> and <c>or</c>, which do not
/// always evaluate all arguments.
/// </summary>
internal static class Functions
{
    /// <summary>The functions that leave the heading of a table unchanged.</summary>
    private static readonly string[] SkippedForHeadings = ["json", "title", "lower", "upper", "truncate"];

    private static readonly Dictionary<
        string,
        (int Fewest, int Most, Func<IReadOnlyList<object?>, object?> Call)
    > Definitions = new(StringComparer.Ordinal)
    {
        ["json"] = (1, 1, a => new SafeText(ValueJson.Write(a[0]))),
        ["split"] = (2, 2, a => Split(a[0], RequireText(a[1]))),
        ["join"] = (2, 2, a => Join(a[0], a[1])),
        ["title"] = (1, 1, a => TransformText(a[0], Title)),
        ["lower"] = (1, 1, a => TransformText(a[0], text => text.ToLowerInvariant())),
        ["upper"] = (1, 1, a => TransformText(a[0], text => text.ToUpperInvariant())),
        ["pad"] = (3, 3, a => TransformText(a[0], text => text.Length == 0 ? "" : Spaces(a[1]) + text + Spaces(a[2]))),
        ["truncate"] = (2, 2, a => TransformText(a[0], text => Truncate(text, RequireInteger(a[1])))),
        ["print"] = (0, int.MaxValue, a => new SafeText(Print(a))),
        ["println"] = (0, int.MaxValue, a => new SafeText(string.Join(' ', a.Select(GoText.Format)) + "\n")),
        ["printf"] = (1, int.MaxValue, a => new SafeText(Printf.Format(RequireText(a[0]), [.. a.Skip(1)]))),
        ["len"] = (1, 1, a => Length(a[0])),
        ["index"] = (1, int.MaxValue, a => a.Skip(1).Aggregate(a[0], Index)),
        ["slice"] = (1, 4, Slice),
        ["not"] = (1, 1, a => !IsTrue(a[0])),
        ["and"] = (1, int.MaxValue, a => a[^1]),
        ["or"] = (1, int.MaxValue, a => a[^1]),
        ["eq"] = (2, int.MaxValue, a => a.Skip(1).Any(other => AreEqual(a[0], other))),
        ["ne"] = (2, 2, a => !AreEqual(a[0], a[1])),
        ["lt"] = (2, 2, a => Compare(a[0], a[1]) < 0),
        ["le"] = (2, 2, a => Compare(a[0], a[1]) <= 0),
        ["gt"] = (2, 2, a => Compare(a[0], a[1]) > 0),
        ["ge"] = (2, 2, a => Compare(a[0], a[1]) >= 0),
    };

    /// <summary>Whether a function of that name exists.</summary>
    public static bool Exists(string name) => Definitions.ContainsKey(name);

    /// <summary>Calls a function.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="forHeading">
    /// Whether the heading of a table is made. Functions that change values leave headings unchanged.
    /// </param>
    /// <exception cref="FunctionException">The arguments are wrong.</exception>
    public static object? Call(string name, IReadOnlyList<object?> arguments, bool forHeading)
    {
        var (fewest, most, call) = Definitions[name];
        if (arguments.Count < fewest || arguments.Count > most)
        {
            throw new FunctionException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"wrong number of args for {name}: want "
                        + $"{(most == int.MaxValue ? "at least " : "")}{fewest} got {arguments.Count}"
                )
            );
        }

        if (forHeading && SkippedForHeadings.Contains(name))
        {
            return arguments[0];
        }

        try
        {
            return call(arguments);
        }
        catch (FunctionException fault) when (!fault.IsArgumentTypeError)
        {
            throw new FunctionException($"error calling {name}: {fault.Message}");
        }
    }

    /// <summary>Whether <c>if</c> takes a value for true: not false, 0, empty or nil.</summary>
    public static bool IsTrue(object? value) =>
        value switch
        {
            null or NoValue => false,
            bool flag => flag,
            long number => number != 0,
            double number => number != 0,
            string text => text.Length > 0,
            SafeText safe => safe.Text.Length > 0,
            ListValue list => list.Count > 0,
            MapValue map => map.Count > 0,
            _ => true,
        };

    /// <summary>The text of a value that must be text.</summary>
    public static string RequireText(object? value) =>
        value switch
        {
            string text => text,
            SafeText safe => safe.Text,
            _ => throw ArgumentTypeError("string", value),
        };

    private static FunctionException ArgumentTypeError(string expected, object? value) =>
        new(
            value is NoValue or null
                ? $"invalid value; expected {expected}"
                : $"wrong type for value; expected {expected}; got {GoText.GetTypeName(value)}"
        )
        {
            IsArgumentTypeError = true,
        };

    private static int RequireInteger(object? value) =>
        value is long number
            ? (int)Math.Clamp(number, int.MinValue, int.MaxValue)
            : throw ArgumentTypeError("int", value);

    /// <summary>Transforms text. Untrusted text stays untrusted.</summary>
    private static object TransformText(object? value, Func<string, string> transform) =>
        value is SafeText safe ? new SafeText(transform(safe.Text)) : transform(RequireText(value));

    private static string Spaces(object? count) => new(' ', Math.Clamp(RequireInteger(count), 0, 10_000));

    private static string Truncate(string text, int length)
    {
        if (length < 0 || length >= text.Length)
        {
            return text;
        }

        return text[..(length > 0 && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }

    private static string Title(string text)
    {
        var title = new StringBuilder(text.Length);
        var previous = ' ';
        foreach (var unit in text)
        {
            title.Append(
                char.IsLetterOrDigit(previous) || previous is '_' or '\'' ? unit : char.ToUpperInvariant(unit)
            );
            previous = unit;
        }

        return title.ToString();
    }

    private static ListValue Split(object? value, string separator)
    {
        var text = RequireText(value);
        var parts =
            separator.Length == 0 ? text.EnumerateRunes().Select(rune => rune.ToString()) : text.Split(separator);
        return new ListValue([.. parts.Select(part => value is SafeText ? (object)new SafeText(part) : part)]);
    }

    private static SafeText Join(object? list, object? separator) =>
        list switch
        {
            ListValue { Items: var items } => new SafeText(
                string.Join(
                    GoText.Format(RequireText(separator) is var text && separator is SafeText ? separator : text),
                    (items ?? []).Select(GoText.Format)
                )
            ),
            _ => throw ArgumentTypeError("[]string", list),
        };

    /// <summary>Prints values with a blank between two values that are both not text.</summary>
    private static string Print(IReadOnlyList<object?> values)
    {
        var text = new StringBuilder();
        for (var i = 0; i < values.Count; i++)
        {
            if (i > 0 && values[i] is not (string or SafeText) && values[i - 1] is not (string or SafeText))
            {
                text.Append(' ');
            }

            text.Append(GoText.Format(values[i]));
        }

        return text.ToString();
    }

    private static long Length(object? value) =>
        value switch
        {
            string or SafeText => Encoding.UTF8.GetByteCount(RequireText(value)),
            ListValue list => list.Count,
            MapValue map => map.Count,
            null or NoValue => throw new FunctionException("len of nil pointer"),
            _ => throw new FunctionException($"len of type {GoText.GetTypeName(value)}"),
        };

    private static object? Index(object? value, object? key)
    {
        switch (value)
        {
            case MapValue map:
                map.TryGet(RequireText(key), out var found);
                return found;
            case ListValue list:
                var at = RequireInteger(key);
                return at >= 0 && at < list.Count
                    ? list.Items![at]
                    : throw new FunctionException(
                        string.Create(CultureInfo.InvariantCulture, $"index out of range: {at}")
                    );
            case string or SafeText:
                var bytes = Encoding.UTF8.GetBytes(RequireText(value));
                var offset = RequireInteger(key);
                return offset >= 0 && offset < bytes.Length
                    ? (long)bytes[offset]
                    : throw new FunctionException(
                        string.Create(CultureInfo.InvariantCulture, $"index out of range: {offset}")
                    );
            case null or NoValue:
                throw new FunctionException("index of untyped nil");
            default:
                throw new FunctionException($"can't index item of type {GoText.GetTypeName(value)}");
        }
    }

    private static object? Slice(IReadOnlyList<object?> arguments)
    {
        var value = arguments[0];
        var length = value switch
        {
            ListValue list => list.Count,
            string or SafeText => Encoding.UTF8.GetByteCount(RequireText(value)),
            _ => throw new FunctionException($"can't slice item of type {GoText.GetTypeName(value)}"),
        };
        if (arguments.Count > 3)
        {
            throw new FunctionException("cannot 3-index slice a string");
        }

        var from = arguments.Count > 1 ? RequireInteger(arguments[1]) : 0;
        var to = arguments.Count > 2 ? RequireInteger(arguments[2]) : length;
        foreach (var at in new[] { from, to })
        {
            if (at < 0 || at > length)
            {
                throw new FunctionException(string.Create(CultureInfo.InvariantCulture, $"index out of range: {at}"));
            }
        }

        if (from > to)
        {
            throw new FunctionException(
                string.Create(CultureInfo.InvariantCulture, $"invalid slice index: {from} > {to}")
            );
        }

        return value is ListValue { Items: { } items } ? new ListValue([.. items.Skip(from).Take(to - from)])
            : value is ListValue ? value
            : TransformText(value, text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text).AsSpan(from..to)));
    }

    private static bool AreEqual(object? left, object? right) =>
        (left, right) switch
        {
            (string or SafeText, string or SafeText) => RequireText(left) == RequireText(right),
            (bool a, bool b) => a == b,
            (long or double, long or double) => Compare(left, right) == 0,
            (null or NoValue, null or NoValue) => true,
            (null or NoValue, _) or (_, null or NoValue) => false,
            (ListValue or MapValue or RecordValue, _) or (_, ListValue or MapValue or RecordValue) =>
                throw new FunctionException("non-comparable type"),
            _ => throw new FunctionException("incompatible types for comparison"),
        };

    private static int Compare(object? left, object? right) =>
        (left, right) switch
        {
            (string or SafeText, string or SafeText) => ByteString
                .FromText(RequireText(left))
                .CompareTo(ByteString.FromText(RequireText(right))),
            (long a, long b) => a.CompareTo(b),
            (double a, double b) => a.CompareTo(b),
            (bool, bool) or (ListValue or MapValue or RecordValue or null or NoValue, _) => throw new FunctionException(
                "invalid type for comparison"
            ),
            _ => throw new FunctionException("incompatible types for comparison"),
        };
}

/// <summary>An error of a function. The evaluator adds the location.</summary>
internal sealed class FunctionException(string message) : Exception(message)
{
    /// <summary>Whether an argument is of the wrong type, which Go finds before it calls the function.</summary>
    public bool IsArgumentTypeError { get; init; }
}

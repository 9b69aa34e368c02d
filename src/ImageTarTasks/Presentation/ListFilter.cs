using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Presentation;

/// <summary>
/// The <c>--filter KEY=VALUE</c> options of a listing. Values of one key are alternatives, except labels, which must
/// all match. Different keys must all match.
/// </summary>
internal sealed class ListFilter
{
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    private ListFilter() { }

    /// <summary>Parses filters with the keys <paramref name="allowedKeys"/>.</summary>
    /// <exception cref="ImageTarException">ITT1031.</exception>
    public static ListFilter Parse(IEnumerable<string> filters, params ReadOnlySpan<string> allowedKeys)
    {
        var parsed = new ListFilter();
        foreach (var filter in filters)
        {
            var at = filter.IndexOf('=', StringComparison.Ordinal);
            if (at < 0)
            {
                throw PresentationDiagnostics.InvalidFilter(filter, "it is not NAME=VALUE");
            }

            var key = filter[..at].Trim().ToLowerInvariant();
            if (!allowedKeys.Contains(key))
            {
                throw PresentationDiagnostics.InvalidFilter(
                    filter,
                    $"the names known here are {string.Join(", ", allowedKeys)}"
                );
            }

            if (!parsed._values.TryGetValue(key, out var values))
            {
                parsed._values.Add(key, values = []);
            }

            values.Add(filter[(at + 1)..].Trim());
        }

        return parsed;
    }

    /// <summary>The values of a key; empty when it is not used.</summary>
    public IReadOnlyList<string> this[string key] => _values.TryGetValue(key, out var values) ? values : [];

    /// <summary>The value of a key that is true or false; null when it is not used.</summary>
    /// <exception cref="ImageTarException">ITT1031.</exception>
    public bool? GetBoolean(string key) =>
        this[key] switch
        {
            [] => null,
            [.., "1" or "t" or "T" or "true" or "TRUE" or "True"] => true,
            [.., "0" or "f" or "F" or "false" or "FALSE" or "False"] => false,
            var values => throw PresentationDiagnostics.InvalidFilter(
                $"{key}={values[^1]}",
                "true and false are known"
            ),
        };

    /// <summary>Whether labels fit all filters of the key <c>label</c>: <c>KEY</c>, or <c>KEY=VALUE</c>.</summary>
    public bool MatchesLabels(IReadOnlyDictionary<string, string> labels) =>
        this["label"]
            .All(wanted =>
            {
                var at = wanted.IndexOf('=', StringComparison.Ordinal);
                return at < 0
                    ? labels.ContainsKey(wanted)
                    : labels.TryGetValue(wanted[..at], out var value) && value == wanted[(at + 1)..];
            });
}

using System.Globalization;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.GoFormats;

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

    /// <summary>Whether a filter concerns labels.</summary>
    public bool HasLabels => this["label"].Count + this["label!"].Count > 0;

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

    /// <summary>
    /// The values of a key that are points in time: RFC 3339 or a part of it, seconds since 1970, or a duration back
    /// from now.
    /// </summary>
    /// <exception cref="ImageTarException">ITT1031.</exception>
    public IEnumerable<DateTimeOffset> GetTimes(string key, TimeProvider clock) =>
        this[key].Select(text => ParseTime(key, text, clock));

    /// <summary>
    /// Whether labels fit all filters of the key <c>label</c>, which are <c>KEY</c> or <c>KEY=VALUE</c>, and none of
    /// the key <c>label!</c>.
    /// </summary>
    public bool MatchesLabels(IReadOnlyDictionary<string, string> labels)
    {
        return this["label"].All(IsAmong) && !this["label!"].Any(IsAmong);

        bool IsAmong(string label)
        {
            var at = label.IndexOf('=', StringComparison.Ordinal);
            return at < 0
                ? labels.ContainsKey(label)
                : labels.TryGetValue(label[..at], out var value) && value == label[(at + 1)..];
        }
    }

    private static DateTimeOffset ParseTime(string key, string text, TimeProvider clock) =>
        GoDuration.TryParse(text, out var nanoseconds, out _)
            ? clock.GetUtcNow() - TimeSpan.FromMicroseconds(nanoseconds / 1000)
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
        : throw PresentationDiagnostics.InvalidFilter(
            $"{key}={text}",
            "write a time such as 2026-01-31T12:00:00Z, seconds since 1970, or a duration such as 24h"
        );
}

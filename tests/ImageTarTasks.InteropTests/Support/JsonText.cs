using System.Text.Json;

namespace ImageTarTasks.InteropTests.Support;

/// <summary>JSON made comparable.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>
    /// One text for equal values: keys sorted, indented, the top-level keys in <paramref name="without"/> left out.
    /// </summary>
    public static string Canonical(JsonElement element, params IReadOnlyList<string> without) =>
        JsonSerializer.Serialize(Sorted(element, without), Indented);

    private static object? Sorted(JsonElement element, IReadOnlyList<string> without) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => new SortedDictionary<string, object?>(
                element
                    .EnumerateObject()
                    .Where(pair => !without.Contains(pair.Name))
                    .ToDictionary(pair => pair.Name, pair => Sorted(pair.Value, [])),
                StringComparer.Ordinal
            ),
            JsonValueKind.Array => element.EnumerateArray().Select(item => Sorted(item, [])).ToList(),
            _ => element,
        };
}

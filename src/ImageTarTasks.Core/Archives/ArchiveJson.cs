using System.Text.Json;
using ImageTarTasks.Values;

namespace ImageTarTasks.Archives;

/// <summary>
/// The JSON documents that only archives have (manifest.json, repositories, oci-layout, pre-1.10 layer files), read so that no two
/// readers could understand them differently: one value, no byte-order mark, no comments, no key twice in any spelling.
/// </summary>
internal sealed class ArchiveJson : IDisposable
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = Limits.JsonDepth, AllowTrailingCommas = false, CommentHandling = JsonCommentHandling.Disallow };

    private readonly JsonDocument _document;
    private readonly string _name;
    private readonly ContentLocation _where;

    /// <exception cref="ImageTarException">ITT2205.</exception>
    public ArchiveJson(ReadOnlyMemory<byte> bytes, string name, ContentLocation archive)
    {
        _name = name;
        _where = archive.In(name);
        if (bytes.IsEmpty)
        {
            throw Malformed("it is empty");
        }

        try
        {
            _document = JsonDocument.Parse(bytes, Strict);
        }
        catch (JsonException error)
        {
            throw Malformed($"not valid JSON: {UntrustedText.Show(error.Message)}");
        }
    }

    public JsonElement Root => _document.RootElement;

    /// <summary>An error about this document.</summary>
    public ImageTarException Malformed(string why) => Diagnostics.MalformedArchiveDocument(_name, why, _where);

    /// <summary>The members of an object, in order.</summary>
    /// <param name="value">The object.</param>
    /// <param name="path">Where it stands, for messages.</param>
    /// <param name="keys">How two keys are told apart: Docker reads its own documents without regard to case.</param>
    /// <exception cref="ImageTarException">ITT2205: not an object, or a key twice.</exception>
    public IReadOnlyList<KeyValuePair<string, JsonElement>> Members(JsonElement value, string path, StringComparer keys)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Malformed($"{path} is {Kind(value)}, not an object");
        }

        var seen = new HashSet<string>(keys);
        var members = new List<KeyValuePair<string, JsonElement>>();
        foreach (var member in value.EnumerateObject())
        {
            var key = Decode(() => member.Name, path);
            if (!seen.Add(key))
            {
                throw Malformed($"{path} has the key \"{UntrustedText.Show(key)}\" more than once");
            }

            members.Add(new(key, member.Value));
        }

        return members;
    }

    /// <summary>A string.</summary>
    public string Text(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.String ? Decode(() => value.GetString()!, path) : throw Malformed($"{path} is {Kind(value)}, not a string");

    /// <summary>A list of strings; null is an empty one.</summary>
    public IReadOnlyList<string> Texts(JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.Null => [],
        JsonValueKind.Array => value.EnumerateArray().Select((item, i) => Text(item, $"{path}[{i}]")).ToArray(),
        _ => throw Malformed($"{path} is {Kind(value)}, not a list"),
    };

    /// <summary>What a value is, for a message.</summary>
    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };

    public void Dispose() => _document.Dispose();

    private string Decode(Func<string> text, string path)
    {
        try
        {
            return text();
        }
        catch (InvalidOperationException)
        {
            throw Malformed($"{path} has text that is not Unicode");
        }
    }
}

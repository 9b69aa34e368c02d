using System.Text.Json;
using System.Text.Unicode;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Oci;

/// <summary>
/// A value of an untrusted JSON document, parsed so strictly that no two readers can interpret it differently: one
/// value and nothing after it, no byte order mark, no comments, no repeated keys, bounded size and depth. It knows its
/// path, so every error names the field.
/// </summary>
internal readonly struct StrictJson
{
    private static readonly JsonDocumentOptions Options = new()
    {
        MaxDepth = Limits.JsonDepth,
        AllowDuplicateProperties = false,
    };

    private readonly JsonElement _element;
    private readonly string _document;
    private readonly string _path;
    private readonly ContentLocation _where;

    private StrictJson(JsonElement element, string document, string path, ContentLocation location)
    {
        _element = element;
        _document = document;
        _path = path;
        _where = location;
    }

    /// <summary>Where the document is, for messages of the caller.</summary>
    public ContentLocation Location => _where;

    /// <summary>Whether this is JSON's null.</summary>
    public bool IsNull => _element.ValueKind == JsonValueKind.Null;

    /// <summary>Whether this is an object.</summary>
    public bool IsObject => _element.ValueKind == JsonValueKind.Object;

    /// <summary>Whether this is a string.</summary>
    public bool IsText => _element.ValueKind == JsonValueKind.String;

    /// <summary>Parses a whole document.</summary>
    /// <param name="raw">The bytes.</param>
    /// <param name="document">The name of the document for messages, such as <c>image manifest</c>.</param>
    /// <param name="location">Its location.</param>
    /// <exception cref="ImageTarException">ITT2301: too large; ITT2304: malformed.</exception>
    public static StrictJson Parse(ReadOnlyMemory<byte> raw, string document, ContentLocation location)
    {
        if (raw.Length > Limits.JsonBytes)
        {
            throw DocumentDiagnostics.DocumentTooLarge(document, location);
        }

        if (raw.Span.StartsWith("\uFEFF"u8))
        {
            throw DocumentDiagnostics.MalformedJson(document, "it starts with a byte order mark", location);
        }

        if (!Utf8.IsValid(raw.Span))
        {
            throw DocumentDiagnostics.MalformedJson(document, "it is not UTF-8", location);
        }

        try
        {
            RefuseLoneSurrogates(raw.Span, document, location);
            using var parsed = JsonDocument.Parse(raw, Options);
            return new StrictJson(parsed.RootElement.Clone(), document, "", location);
        }
        catch (JsonException e)
        {
            throw DocumentDiagnostics.MalformedJson(document, e.Message, location, e);
        }
    }

    /// <summary>
    /// Checks that this is an object with keys that stay different when case is ignored, as Go (and so Docker) ignores
    /// it.
    /// </summary>
    /// <exception cref="ImageTarException">ITT2306, ITT2307.</exception>
    public StrictJson Object()
    {
        Expect(JsonValueKind.Object, "an object");
        var folded = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var property in _element.EnumerateObject())
        {
            // Go's case folding maps these two characters to ASCII letters, too.
            if (!folded.Add(property.Name.Replace('\u017F', 's').Replace('\u212A', 'k')))
            {
                throw DocumentDiagnostics.AmbiguousKey(_document, Child(property.Name), _where);
            }
        }

        return this;
    }

    /// <summary>Whether this object has a key, in any case.</summary>
    public bool HasInAnyCase(string key)
    {
        foreach (var property in _element.EnumerateObject())
        {
            if (
                property
                    .Name.Replace('\u017F', 's')
                    .Replace('\u212A', 'k')
                    .Equals(key, StringComparison.OrdinalIgnoreCase)
            )
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The value of a key of this object; null when it is absent or null.</summary>
    public StrictJson? Optional(string key) =>
        _element.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null
            ? new StrictJson(value, _document, Child(key), _where)
            : null;

    /// <summary>The value of a key of this object.</summary>
    /// <exception cref="ImageTarException">ITT2305: absent or null.</exception>
    public StrictJson Required(string key) =>
        Optional(key) ?? throw DocumentDiagnostics.FieldMissing(_document, Child(key), _where);

    /// <summary>The keys and values of an object that is a map, in the document's order.</summary>
    /// <exception cref="ImageTarException">ITT2306.</exception>
    public IEnumerable<KeyValuePair<string, StrictJson>> Members()
    {
        Expect(JsonValueKind.Object, "an object");
        return Enumerate(this);

        static IEnumerable<KeyValuePair<string, StrictJson>> Enumerate(StrictJson self)
        {
            foreach (var property in self._element.EnumerateObject())
            {
                yield return new(
                    property.Name,
                    new StrictJson(property.Value, self._document, self.Child(property.Name), self._where)
                );
            }
        }
    }

    /// <summary>The items of an array of at most <paramref name="limit"/>.</summary>
    /// <exception cref="ImageTarException">ITT2306, ITT2311.</exception>
    public IReadOnlyList<StrictJson> Items(int limit)
    {
        Expect(JsonValueKind.Array, "an array");
        if (_element.GetArrayLength() > limit)
        {
            throw DocumentDiagnostics.TooManyItems(_document, _path, limit, _where);
        }

        var items = new List<StrictJson>();
        foreach (var item in _element.EnumerateArray())
        {
            items.Add(new StrictJson(item, _document, $"{_path}[{items.Count}]", _where));
        }

        return items;
    }

    /// <summary>A string.</summary>
    /// <exception cref="ImageTarException">ITT2306.</exception>
    public string Text()
    {
        Expect(JsonValueKind.String, "a string");
        return _element.GetString()!;
    }

    /// <summary>A number without fraction or exponent that fits into 64 bits.</summary>
    /// <exception cref="ImageTarException">ITT2306.</exception>
    public long Integer()
    {
        Expect(JsonValueKind.Number, "an integer");
        return _element.TryGetInt64(out var number) ? number : throw Invalid("it is not an integer of 64 bits");
    }

    /// <summary>true or false.</summary>
    /// <exception cref="ImageTarException">ITT2306.</exception>
    public bool Flag() =>
        _element.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Invalid("it is not true or false"),
        };

    /// <summary>A digest.</summary>
    /// <exception cref="ImageTarException">ITT2306.</exception>
    public Digest Digest() =>
        Values.Digest.TryParse(Text(), out var digest)
            ? digest
            : throw Invalid(
                $"\"{UntrustedText.Show(Text())}\" is not a digest (sha256: and 64, or sha512: and 128, "
                    + $"lower-case hex digits)"
            );

    /// <summary>An error about this value.</summary>
    public ImageTarException Invalid(string reason) =>
        DocumentDiagnostics.FieldInvalid(_document, _path, reason, _where);

    private string Child(string key) => _path.Length == 0 ? key : $"{_path}.{key}";

    private void Expect(JsonValueKind kind, string what)
    {
        if (_element.ValueKind != kind)
        {
            throw Invalid($"it is not {what}");
        }
    }

    /// <summary>
    /// Refuses a lone surrogate escape such as <c>\ud800</c>. It is not text, and readers replace, keep or refuse it.
    /// </summary>
    private static void RefuseLoneSurrogates(ReadOnlySpan<byte> raw, string document, ContentLocation location)
    {
        var reader = new Utf8JsonReader(raw, new JsonReaderOptions { MaxDepth = Limits.JsonDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                try
                {
                    reader.GetString();
                }
                catch (InvalidOperationException e)
                {
                    throw DocumentDiagnostics.MalformedJson(
                        document,
                        "a string has half of a surrogate pair",
                        location.At(reader.TokenStartIndex),
                        e
                    );
                }
            }
        }
    }
}

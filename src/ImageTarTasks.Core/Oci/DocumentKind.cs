using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Core.Oci;

/// <summary>What a document must state to be an image manifest or an image index, and not the other.</summary>
internal static class DocumentKind
{
    /// <summary>Checks <c>schemaVersion</c>, fields of the other kind, and <c>mediaType</c>; returns the media type.</summary>
    /// <param name="json">The document.</param>
    /// <param name="document">What messages call it.</param>
    /// <param name="stated">The media type of its descriptor, or null.</param>
    /// <param name="isRight">Whether a media type names this kind.</param>
    /// <param name="ocisType">What a document without a media type is.</param>
    /// <param name="foreign">Fields only the other kind has.</param>
    /// <exception cref="ImageTarException">ITT2305, ITT2306, ITT2308, ITT2309, ITT2310.</exception>
    public static string Check(StrictJson json, string document, string? stated, Func<string?, bool> isRight, string ocisType, params ReadOnlySpan<string> foreign)
    {
        json.Object();
        if (json.HasInAnyCase("fsLayers") || json.Optional("schemaVersion") is { } claimed && claimed.Integer() == 1)
        {
            throw DocumentDiagnostics.SchemaOne(json.Where);
        }

        foreach (var field in foreign)
        {
            if (json.HasInAnyCase(field))
            {
                throw DocumentDiagnostics.WrongDocument(document, field, json.Where);
            }
        }

        var version = json.Required("schemaVersion");
        if (version.Integer() != 2)
        {
            throw version.Invalid("only 2 is known");
        }

        var own = json.Optional("mediaType");
        if (own is { } ownType && !isRight(ownType.Text()))
        {
            throw DocumentDiagnostics.MediaTypeDisagrees(document, stated ?? ocisType, ownType.Text(), json.Where);
        }

        if (stated is not null && (own is { } type ? type.Text() != stated : !isRight(stated)))
        {
            throw DocumentDiagnostics.MediaTypeDisagrees(document, stated, own?.Text() ?? ocisType, json.Where);
        }

        return own?.Text() ?? stated ?? ocisType;
    }
}

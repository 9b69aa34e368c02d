using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Core.Oci;

/// <summary>
/// Tells image manifests and image indexes apart, so that no document can be read as both (CVE-2021-41190).
/// </summary>
internal static class DocumentKind
{
    /// <summary>
    /// Checks <c>schemaVersion</c>, fields of the other kind, and <c>mediaType</c>. Returns the media type.
    /// </summary>
    /// <param name="json">The document.</param>
    /// <param name="document">The name of the document for messages.</param>
    /// <param name="stated">The media type of its descriptor, or null.</param>
    /// <param name="isRight">Whether a media type names this kind.</param>
    /// <param name="ocisType">The media type of a document that states none.</param>
    /// <param name="foreign">Fields that only the other kind has.</param>
    /// <exception cref="ImageTarException">ITT2305, ITT2306, ITT2308, ITT2309, ITT2310.</exception>
    public static string Check(
        StrictJson json,
        string document,
        string? stated,
        Func<string?, bool> isRight,
        string ocisType,
        params ReadOnlySpan<string> foreign
    )
    {
        json.Object();
        if (json.HasInAnyCase("fsLayers") || json.Optional("schemaVersion") is { } claimed && claimed.Integer() == 1)
        {
            throw DocumentDiagnostics.SchemaOne(json.Location);
        }

        foreach (var field in foreign)
        {
            if (json.HasInAnyCase(field))
            {
                throw DocumentDiagnostics.WrongDocument(document, field, json.Location);
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
            throw DocumentDiagnostics.MediaTypeDisagrees(document, stated ?? ocisType, ownType.Text(), json.Location);
        }

        if (stated is not null && (own is { } type ? type.Text() != stated : !isRight(stated)))
        {
            throw DocumentDiagnostics.MediaTypeDisagrees(document, stated, own?.Text() ?? ocisType, json.Location);
        }

        return own?.Text() ?? stated ?? ocisType;
    }
}

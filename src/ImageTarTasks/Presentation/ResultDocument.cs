using System.Buffers;
using System.Globalization;
using System.Text;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.GoFormats;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Presentation;

/// <summary>
/// The JSON document that a verb prints with <c>--json</c>, on one line. Every member always exists and may be null or
/// empty. New members may be added; existing ones keep their meaning while <c>schemaVersion</c> stays.
/// docs/reference/json.md describes all of them.
/// </summary>
internal static class ResultDocument
{
    private const int SchemaVersion = 1;

    /// <summary>A document: <c>{"schemaVersion":1,"verb":VERB,...}</c>.</summary>
    public static string Compose(string verb, Action<GoJsonWriter> writeMembers)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var json = new GoJsonWriter(bytes);
        json.BeginObject();
        json.Name("schemaVersion").Number(SchemaVersion);
        json.Name("verb").String(verb);
        writeMembers(json);
        json.EndObject();
        return EscapeToAscii(Encoding.UTF8.GetString(bytes.WrittenSpan));
    }

    /// <summary>
    /// Writes an image as all documents show it: the target of its names, the image for the host, and every platform.
    /// </summary>
    /// <param name="json">The output.</param>
    /// <param name="image">The image.</param>
    /// <param name="references">The names to show.</param>
    /// <param name="platforms">The images of an index; null for an image that is for one platform.</param>
    public static void WriteImage(
        GoJsonWriter json,
        StoredImage image,
        IReadOnlyList<ImageReference> references,
        IReadOnlyList<PlatformImage>? platforms = null
    )
    {
        platforms ??= image.Image is { } only ? [new PlatformImage(image.Target, only)] : [];
        json.BeginObject();
        json.Name("references").Strings(references.Select(reference => reference.Familiar));
        json.Name("imageId").String(image.Id.ToString());
        json.Name("manifestDigest").String(image.Target.Digest.Value);
        json.Name("mediaType").String(image.Target.MediaType);
        WriteLayers(json, image.Image);
        json.Name("platforms").BeginArray();
        foreach (var (manifest, one) in platforms)
        {
            json.BeginObject();
            json.Name("imageId").String(one.Id.ToString());
            json.Name("manifestDigest").String(manifest.Digest.Value);
            WriteLayers(json, one);
            json.EndObject();
        }

        json.EndArray();
        json.EndObject();
    }

    /// <summary>Diagnostics, as all documents show them.</summary>
    public static void WriteDiagnostics(GoJsonWriter json, IEnumerable<Diagnostic> diagnostics)
    {
        json.BeginArray();
        foreach (var diagnostic in diagnostics)
        {
            json.BeginObject();
            json.Name("code").String(diagnostic.Code);
            json.Name("message").String(diagnostic.Message);
            json.EndObject();
        }

        json.EndArray();
    }

    private static void WriteLayers(GoJsonWriter json, Image? image)
    {
        json.Name("platform").String(image?.Config.Platform.ToString());
        json.Name("size").Number(image?.Layers.Sum(layer => layer.Descriptor.Size) ?? 0);
        json.Name("layers").BeginArray();
        foreach (var layer in image?.Layers ?? [])
        {
            json.BeginObject();
            json.Name("digest").String(layer.Descriptor.Digest.Value);
            json.Name("diffId").String(layer.DiffId.ToString());
            json.Name("mediaType").String(layer.Descriptor.MediaType);
            json.Name("size").Number(layer.Descriptor.Size);
            json.EndObject();
        }

        json.EndArray();
    }

    /// <summary>
    /// The same document in printable ASCII, without the <c>#</c> that begins commands of CI systems. So nothing has to
    /// be removed from it on its way to a terminal or a log. All such characters are in strings, where they may be
    /// escaped.
    /// </summary>
    private static string EscapeToAscii(string json)
    {
        var plain = new StringBuilder(json.Length + 16);
        foreach (var unit in json)
        {
            if (unit is >= ' ' and <= '~' and not '#')
            {
                plain.Append(unit);
            }
            else
            {
                plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
            }
        }

        return plain.ToString();
    }
}

using System.Buffers;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.GoFormats;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Delta;

/// <summary>
/// The member that marks a delta archive. It lists the blobs that the images need and the archive leaves out, because
/// the receiver has them: <c>{"schemaVersion":1,"lacks":[{"mediaType":...,"digest":...,"size":...},...]}</c>, ordered
/// by digest. An archive without this member is complete.
/// </summary>
internal static class DeltaDocument
{
    public const string FileName = "imagetar-delta.json";

    /// <summary>The document.</summary>
    /// <param name="lacking">The blobs, ordered by digest.</param>
    public static ReadOnlyMemory<byte> Compose(IEnumerable<Descriptor> lacking)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var json = new GoJsonWriter(bytes);
        json.BeginObject();
        json.Name("schemaVersion").Number(1);
        json.Name("lacks").BeginArray();
        foreach (var blob in lacking)
        {
            DescriptorJson.Write(json, new Descriptor(blob.MediaType, blob.Digest, blob.Size));
        }

        json.EndArray();
        json.EndObject();
        bytes.Write("\n"u8);
        return bytes.WrittenMemory;
    }

    /// <summary>Parses the list of blobs that an archive leaves out.</summary>
    /// <exception cref="ImageTarException">ITT23xx: another version, or not such a document.</exception>
    public static IReadOnlyList<Descriptor> Parse(ReadOnlyMemory<byte> raw, ContentLocation location)
    {
        var json = StrictJson.Parse(raw, FileName, location.In(FileName)).Object();
        var version = json.Required("schemaVersion");
        if (version.Integer() != 1)
        {
            throw version.Invalid("only 1 is known");
        }

        return [.. json.Required("lacks").Items(Limits.DeltaBlobs).Select(blob => DescriptorJson.Read(blob, FileName))];
    }
}

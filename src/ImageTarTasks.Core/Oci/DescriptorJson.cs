using System.Globalization;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.GoFormats;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Oci;

/// <summary>Descriptors as JSON (image-spec descriptor.md).</summary>
internal static class DescriptorJson
{
    /// <summary>Reads a descriptor.</summary>
    /// <param name="json">The object.</param>
    /// <param name="document">The name of the document for messages.</param>
    /// <exception cref="ImageTarException">ITT23xx.</exception>
    public static Descriptor Read(StrictJson json, string document)
    {
        json.Object();
        var mediaType = json.Required("mediaType");
        if (mediaType.Text().Length == 0)
        {
            throw mediaType.Invalid("it is empty");
        }

        var digest = json.Required("digest").Digest();
        var size = json.Required("size");
        if (size.Integer() < 0)
        {
            throw size.Invalid("it is negative");
        }

        var descriptor = new Descriptor(mediaType.Text(), digest, size.Integer())
        {
            Annotations = ReadAnnotations(json.Optional("annotations")),
            Platform = ReadPlatform(json.Optional("platform")),
            ArtifactType = json.Optional("artifactType")?.Text(),
            Urls = json.Optional("urls") is { } urls
                ? [.. urls.Items(Limits.DescriptorUrls).Select(url => url.Text())]
                : [],
        };
        if (json.Optional("data") is { } data)
        {
            CheckEmbedded(data, descriptor, document);
        }

        return descriptor;
    }

    /// <summary>Writes one: the fields in Go's order, annotations by key.</summary>
    public static void Write(GoJsonWriter json, Descriptor descriptor)
    {
        json.BeginObject();
        json.Name("mediaType").String(descriptor.MediaType);
        json.Name("digest").String(descriptor.Digest.Value);
        json.Name("size").Number(descriptor.Size);
        if (descriptor.Urls.Count > 0)
        {
            json.Name("urls").Strings(descriptor.Urls);
        }

        if (descriptor.Annotations.Count > 0)
        {
            json.Name("annotations").BeginObject();
            foreach (var (key, value) in descriptor.Annotations.OrderBy(a => ByteString.FromText(a.Key)))
            {
                json.Name(key).String(value);
            }

            json.EndObject();
        }

        if (descriptor.Platform is { } platform)
        {
            json.Name("platform").BeginObject();
            json.Name("architecture").String(platform.Architecture);
            json.Name("os").String(platform.Os);
            if (platform.Variant is { } variant)
            {
                json.Name("variant").String(variant);
            }

            json.EndObject();
        }

        if (descriptor.ArtifactType is { } artifactType)
        {
            json.Name("artifactType").String(artifactType);
        }

        json.EndObject();
    }

    private static KeyValuePair<string, string>[] ReadAnnotations(StrictJson? json) =>
        json is { } annotations
            ? [.. annotations.Members().Select(a => KeyValuePair.Create(a.Key, a.Value.Text()))]
            : [];

    /// <summary>An empty platform, which some tools write, states nothing.</summary>
    private static Platform? ReadPlatform(StrictJson? json)
    {
        if (json is not { } platform)
        {
            return null;
        }

        platform.Object();
        var os = platform.Optional("os")?.Text() ?? "";
        var architecture = platform.Optional("architecture")?.Text() ?? "";
        return os.Length == 0 && architecture.Length == 0
            ? null
            : new Platform(os, architecture, platform.Optional("variant")?.Text());
    }

    private static void CheckEmbedded(StrictJson data, Descriptor descriptor, string document)
    {
        var text = data.Text();
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length))
        {
            throw data.Invalid("it is not base64");
        }

        if (length != descriptor.Size)
        {
            var reason = string.Create(
                CultureInfo.InvariantCulture,
                $"it has {length} bytes, \"size\" says {descriptor.Size}"
            );
            throw DocumentDiagnostics.EmbeddedDataMismatch(document, descriptor.Digest, reason, data.Location);
        }

        using var hash = descriptor.Digest.CreateHash();
        hash.AppendData(bytes.AsSpan(0, length));
        if (Digest.FromHash(hash.GetHashAndReset()) is var found && found != descriptor.Digest)
        {
            throw DocumentDiagnostics.EmbeddedDataMismatch(
                document,
                descriptor.Digest,
                $"its digest is {found}",
                data.Location
            );
        }
    }
}

using ImageTarTasks.Core.Archives.Members;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO;
using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Tar.Headers;
using ImageTarTasks.Core.Tar.Reading;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Delta;

/// <summary>
/// The digests of the content that the receiver of a delta archive has. They come from an image, an archive that was
/// sent before, the folder of a layout or store, or a list of digests. The digests of an archive are computed from its
/// contents, not taken from the names of its members.
/// </summary>
public static class DeltaBase
{
    private const int HeadSize = TarHeader.BlockSize;

    /// <summary>The digests of all content that <paramref name="text"/> names.</summary>
    /// <param name="store">The store in which images are looked up.</param>
    /// <param name="text">An image, as other verbs accept it, or a file or folder.</param>
    /// <param name="path">The absolute path of <paramref name="text"/> as a file or folder.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="ImageTarException">
    /// ITT1043: neither an image nor a file, or both; ITT1044: a file that is neither an archive nor a list; ITT1009;
    /// ITT20xx, ITT21xx, ITT22xx: a damaged archive.
    /// </exception>
    public static IReadOnlySet<Digest> Of(
        ImageStore store,
        string text,
        string path,
        CancellationToken cancellationToken
    )
    {
        var images = Select(store, text);
        var isFile = Path.Exists(path);
        return (images.Count > 0, isFile) switch
        {
            (true, true) => throw DeltaDiagnostics.ExceptNotFound(
                text,
                $"is an image and a file; write ./{text} for the file, or the image's whole name with its tag"
            ),
            (false, false) => throw DeltaDiagnostics.ExceptNotFound(
                text,
                "is neither an image of the store nor a file or folder"
            ),
            (true, false) => images
                .SelectMany(selection => store.Reachable(selection.Image.Target))
                .Select(blob => blob.Digest)
                .ToHashSet(),
            (false, true) => Read(text, path, cancellationToken),
        };
    }

    /// <summary>The images that other verbs find by this text; none when the text cannot be a name.</summary>
    private static IReadOnlyList<ImageSelection> Select(ImageStore store, string text)
    {
        try
        {
            return store.Select(text);
        }
        catch (ImageTarException e)
            when (e.Diagnostic.Code is StoreDiagnostics.NoSuchImageCode or ValueDiagnostics.InvalidReferenceCode)
        {
            return [];
        }
    }

    private static HashSet<Digest> Read(string text, string path, CancellationToken cancellationToken)
    {
        try
        {
            if (Directory.Exists(path))
            {
                return ReadFolder(text, path);
            }

            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            var head = new byte[HeadSize];
            var length = file.ReadAtLeast(head, HeadSize, throwOnEndOfStream: false);
            file.Position = 0;
            return
                StreamCompression.Detect(head.AsSpan(0, length)) != CompressionKind.None
                || TarReader.LooksLikeTar(head.AsSpan(0, length))
                ? ReadArchive(file, new ContentLocation(text), cancellationToken)
                : ReadList(file, text);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw IODiagnostics.InputNotReadable(text, failure.Message, failure);
        }
    }

    /// <summary>The names of a layout's blobs: a store is one too.</summary>
    private static HashSet<Digest> ReadFolder(string text, string path)
    {
        var blobs = new DirectoryInfo(Path.Combine(path, OciLayout.BlobsFolder));
        if (!blobs.Exists)
        {
            throw DeltaDiagnostics.ExceptNotFound(
                text,
                "is a folder without blobs: neither an OCI layout nor an image store"
            );
        }

        var digests = blobs
            .EnumerateDirectories()
            .SelectMany(algorithm => algorithm.EnumerateFiles().Select(file => $"{algorithm.Name}:{file.Name}"))
            .Where(name => Digest.TryParse(name, out _))
            .Select(Digest.Parse)
            .ToHashSet();
        var delta = Path.Combine(path, DeltaDocument.FileName);
        if (File.Exists(delta))
        {
            digests.UnionWith(
                DeltaDocument.Parse(File.ReadAllBytes(delta), new ContentLocation(text)).Select(blob => blob.Digest)
            );
        }

        return digests;
    }

    private static HashSet<Digest> ReadArchive(
        Stream file,
        ContentLocation location,
        CancellationToken cancellationToken
    )
    {
        var digests = new HashSet<Digest>();
        using var members = new TarMembers(file, location);
        while (members.Next(cancellationToken) is { } member)
        {
            if (member.Kind != MemberKind.File)
            {
                continue;
            }

            if (
                MemberName.Normalize(member.Name) is { } name
                && name.Units == DeltaDocument.FileName
                && member.Size <= Limits.JsonBytes
            )
            {
                // A receiver that could load a delta archive had the blobs it leaves out.
                using var document = new MemoryStream();
                StreamCopy.Copy(members.Content, document, cancellationToken);
                digests.UnionWith(DeltaDocument.Parse(document.ToArray(), location).Select(blob => blob.Digest));
                continue;
            }

            using var hashed = new HashingReadStream(members.Content);
            hashed.Drain(cancellationToken);
            digests.Add(hashed.Finish());
        }

        members.Finish(cancellationToken);
        return digests;
    }

    /// <summary>
    /// Reads one digest from each line. The prefix <c>sha256:</c> is optional, so a directory listing of a layout's
    /// blobs is a list. Blank lines and lines that begin with # are ignored.
    /// </summary>
    private static HashSet<Digest> ReadList(Stream file, string text)
    {
        if (file.Length > Limits.DigestListBytes)
        {
            throw DeltaDiagnostics.NotADigestList(
                text,
                $"it has {file.Length} bytes, and a list may have {Limits.DigestListBytes}"
            );
        }

        var digests = new HashSet<Digest>();
        using var lines = new StreamReader(file);
        var number = 0;
        while (lines.ReadLine() is { } line)
        {
            number++;
            line = line.Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (!Digest.TryParse(line, out var digest) && !Digest.TryParse("sha256:" + line, out digest))
            {
                throw DeltaDiagnostics.NotADigestList(
                    text,
                    $"line {number} is \"{UntrustedText.Show(line.Length > 80 ? line[..80] : line)}\", not "
                        + $"sha256: and 64 hex digits"
                );
            }

            digests.Add(digest);
        }

        return digests;
    }
}

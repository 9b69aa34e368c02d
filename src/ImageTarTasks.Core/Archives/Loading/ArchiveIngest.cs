using System.Collections.Frozen;
using ImageTarTasks.Core.Archives.Contents;
using ImageTarTasks.Core.Archives.Delta;
using ImageTarTasks.Core.Archives.Docker;
using ImageTarTasks.Core.Archives.Members;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Pipelines;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Store.Writing;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Loading;

/// <summary>
/// Reads an archive in one pass. Documents that name the other members may come last (Docker writes manifest.json
/// last), so everything that can be part of an image is kept: documents in memory, everything else staged, hashed and
/// indexed on the way.
/// </summary>
/// <param name="ingester">Receives the content.</param>
/// <param name="maxUnpacked">The bound on the plain bytes of one layer, or null.</param>
/// <param name="errorPolicy">Decides what happens after an error.</param>
/// <param name="reporter">Receives progress.</param>
/// <param name="location">The archive, for messages.</param>
internal sealed class ArchiveIngest(
    IBlobIngester ingester,
    long? maxUnpacked,
    ErrorPolicy errorPolicy,
    IReporter reporter,
    ContentLocation location
)
{
    /// <summary>Smaller members are not worth a thread.</summary>
    private const long MinParallelSize = 1024 * 1024;

    /// <summary>The maximum number of layers at once. More would only wait for the disk.</summary>
    private const int MaxParallelLayers = 4;

    /// <summary>
    /// The memory that one layer needs in the worst case: the window of zstd and the buffers of its threads.
    /// </summary>
    private const long MemoryPerLayer = 256L * 1024 * 1024;

    /// <summary>
    /// The number of files in folders of a root filesystem, without any file of an image archive, after which the input
    /// is a root filesystem. People give one to load by mistake, and reading all of it first would take long.
    /// </summary>
    private const int MinRootFsFiles = 1000;

    /// <summary>The folders at the root (Filesystem Hierarchy Standard 3.0, section 3).</summary>
    private static readonly FrozenSet<string> RootFsFolders = FrozenSet.Create(
        StringComparer.Ordinal,
        "bin",
        "boot",
        "dev",
        "etc",
        "home",
        "lib",
        "lib64",
        "media",
        "mnt",
        "opt",
        "proc",
        "root",
        "run",
        "sbin",
        "srv",
        "sys",
        "tmp",
        "usr",
        "var"
    );

    private long _documents;
    private int _rootFsFiles;
    private bool _hasImageFiles;

    /// <summary>The blob of all empty members: there may be very many.</summary>
    private StagedBlob? _empty;

    /// <summary>The number of layers that this machine can stage at once.</summary>
    private static int ParallelLayers =>
        (int)
            Math.Clamp(
                GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / MemoryPerLayer,
                1,
                Math.Min(MaxParallelLayers, Environment.ProcessorCount)
            );

    /// <summary>Reads all members.</summary>
    /// <exception cref="ImageTarException">ITT20xx, ITT21xx: the archive itself is damaged.</exception>
    public ArchiveContents Read(ArchiveMembers members, CancellationToken cancellationToken)
    {
        var contents = new ArchiveContents(ingester, location);
        using var queue = new OrderedParallel<StagedBlob>(
            ingester.IsThreadSafe ? ParallelLayers : 1,
            cancellationToken
        );
        try
        {
            while (members.Next(cancellationToken) is { } member)
            {
                if (MemberName.Normalize(member.Name) is { } name)
                {
                    Add(contents, name, member, members, queue, cancellationToken);
                }
                else if (errorPolicy.ChecksUnusedMembers && MemberName.LeadsOut(member.Name))
                {
                    errorPolicy.TryRun(() => throw ArchiveDiagnostics.MemberOutsideArchive(location.In(member.Name)));
                }
            }

            members.Finish(cancellationToken);
        }
        catch
        {
            // In a sequential read, an earlier layer would have failed first.
            queue.CompleteAll();
            throw;
        }

        queue.CompleteAll();
        return contents;
    }

    private void Add(
        ArchiveContents contents,
        ByteString name,
        ArchiveMember member,
        ArchiveMembers members,
        OrderedParallel<StagedBlob> queue,
        CancellationToken cancellationToken
    )
    {
        CheckIsNoRootFilesystem(name.Units);
        switch (member.Kind)
        {
            case MemberKind.File when IsDocument(name.Units):
                contents.AddDocument(name, ReadDocument(members.Content));
                break;
            case MemberKind.File
                when members.CanSkip
                    && OciLayout.DigestOf(name) is { } digest
                    && ingester.TryReuseLayer(digest, member.Size) is { } known:
                contents.AddBlob(name, known);
                break;
            case MemberKind.File
                when ingester.IsThreadSafe
                    && member.Size >= MinParallelSize
                    && members.OpenContentIndependently() is { } apart:
                queue.Begin(
                    stop =>
                    {
                        using (apart)
                        {
                            return Stage(name, member, apart, stop);
                        }
                    },
                    blob => contents.AddBlob(name, blob)
                );
                break;
            case MemberKind.File when member.Size == 0 && OciLayout.DigestOf(name) is null && _empty is { } empty:
                contents.AddBlob(name, empty);
                break;
            case MemberKind.File:
                var blob = Stage(name, member, members.Content, cancellationToken);
                if (blob.Size == 0)
                {
                    _empty = blob;
                }

                contents.AddBlob(name, blob);
                break;
            case MemberKind.SymbolicLink:
                contents.AddLink(name, MemberName.Follow(name, member.LinkTarget));
                break;
            case MemberKind.HardLink:
                contents.AddLink(name, MemberName.Normalize(member.LinkTarget));
                break;
            default:
                contents.AddOther(name, member.Kind);
                break;
        }
    }

    /// <summary>Stops when the input is plainly a root filesystem.</summary>
    private void CheckIsNoRootFilesystem(string name)
    {
        if (_hasImageFiles)
        {
            return;
        }

        _hasImageFiles =
            IsDocument(name) || OciLayout.DigestOf(ByteString.FromUnits(name)) is not null || IsDockerFile(name);
        if (
            !_hasImageFiles
            && name.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash
            && RootFsFolders.Contains(name[..slash])
            && ++_rootFsFiles == MinRootFsFiles
        )
        {
            throw ArchiveDiagnostics.RootFilesystem("tar", location);
        }
    }

    /// <summary>Whether a name is one that Docker gives to a configuration or a layer.</summary>
    private static bool IsDockerFile(string name) =>
        name.EndsWith("/layer.tar", StringComparison.Ordinal)
        || (
            name.EndsWith(".json", StringComparison.Ordinal)
            && name.Length == 64 + ".json".Length
            && !name.Contains('/', StringComparison.Ordinal)
        );

    private StagedBlob Stage(ByteString name, ArchiveMember member, Stream content, CancellationToken cancellationToken)
    {
        using var watched = new MemberStream(content, member with { Name = name }, reporter);
        var blob = ingester.Stage(watched, location.In(name), maxUnpacked, cancellationToken);
        if (watched.ArchiveFault is { } fault)
        {
            throw fault;
        }

        return watched.Sha512 is { } digest ? ingester.AddDigest(blob, digest) : blob;
    }

    /// <summary>
    /// Whether a member is a document that is read first, or a document of Docker before 1.10: <c>ID/json</c>,
    /// <c>ID/VERSION</c>.
    /// </summary>
    private static bool IsDocument(string name) =>
        name
            is DockerManifest.FileName
                or DeltaDocument.FileName
                or OciLayout.IndexFile
                or OciLayout.LayoutFile
                or LegacyImages.RepositoriesName
        || (
            name.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash
            && name[(slash + 1)..] is "json" or "VERSION"
        );

    private ReadOnlyMemory<byte>? ReadDocument(Stream content)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = content.Read(buffer)) > 0)
        {
            if (bytes.Length + read > Limits.JsonBytes)
            {
                return null;
            }

            if ((_documents += read) > Limits.DocumentBytes)
            {
                throw ArchiveDiagnostics.ArchiveTooComplex(
                    "bytes of documents that are kept in memory",
                    Limits.DocumentBytes,
                    location
                );
            }

            bytes.Write(buffer, 0, read);
        }

        return bytes.ToArray();
    }
}

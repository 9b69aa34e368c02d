using System.Security.Cryptography;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Members;

/// <summary>
/// The content of a member on its way into the store. Reports progress, and remembers an error of the archive itself,
/// so that it is not reported as an error of this member.
/// </summary>
internal sealed class MemberStream(Stream content, ArchiveMember member, IReporter reporter) : ForwardReadStream
{
    private const string Action = "Loading layer";

    private readonly string _step = StepOf(member.Name);
    private readonly IncrementalHash? _sha512 = member.Name.StartsWith("blobs/sha512/")
        ? IncrementalHash.CreateHash(HashAlgorithmName.SHA512)
        : null;
    private long _count;
    private bool _quiet;

    /// <summary>The error of the archive that occurred while this member was read.</summary>
    public ImageTarException? ArchiveFault { get; private set; }

    /// <summary>The sha512 of the bytes read, for a member whose path states a sha512.</summary>
    public Digest? Sha512 => _sha512 is null ? null : Digest.FromHash(_sha512.GetCurrentHash());

    public override int Read(Span<byte> buffer)
    {
        int read;
        try
        {
            read = content.Read(buffer);
        }
        catch (ImageTarException fault)
        {
            ArchiveFault = fault;
            throw;
        }

        if (read > 0)
        {
            // Manifests and configurations begin with a brace, as JSON objects do. They are not layers and show no
            // progress.
            _quiet = _count == 0 ? buffer[0] == (byte)'{' : _quiet;
            _count += read;
            _sha512?.AppendData(buffer[..read]);
            if (!_quiet)
            {
                reporter.Progress(_step, Action, _count, member.Size);
            }
        }

        return read;
    }

    protected override void Dispose(bool disposing)
    {
        _sha512?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>
    /// The first 12 digits of the hash in the name, as Docker shows layers; the name itself when it has no hash.
    /// </summary>
    private static string StepOf(ByteString name)
    {
        var hash = name.Units.Split('/', '.', ':').FirstOrDefault(part => part.Length >= 64 && Digest.IsLowerHex(part));
        return hash is null ? name.ToString() : hash[..12];
    }
}

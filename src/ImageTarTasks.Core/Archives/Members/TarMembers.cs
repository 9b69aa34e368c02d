using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Headers;
using ImageTarTasks.Core.Tar.Reading;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Members;

/// <summary>
/// The members of a tar in any compression, read once from front to back, so the source may be a pipe. In a seekable
/// plain tar, content that is not requested is skipped.
/// </summary>
internal sealed class TarMembers : ArchiveMembers
{
    private const int BlockSize = TarHeader.BlockSize;
    private const int DrainSize = 64 * 1024;

    private readonly DecodingStream _plain;
    private readonly Stream _source;
    private readonly TarReader _reader;

    /// <exception cref="ImageTarException">ITT2202 empty, ITT2203 not a tar, ITT21xx.</exception>
    public TarMembers(Stream input, ContentLocation location)
    {
        var start = input.CanSeek ? input.Position : 0;
        _plain = StreamCompression.OpenDecoder(input, location, leaveOpen: true);
        try
        {
            var head = new byte[BlockSize];
            var length = _plain.ReadAtLeast(head, BlockSize, throwOnEndOfStream: false);
            if (length == 0)
            {
                throw ArchiveDiagnostics.EmptyArchive("the input is empty", location);
            }

            if (length < BlockSize || !TarReader.LooksLikeTar(head))
            {
                throw ArchiveDiagnostics.NotATarArchive(FileSignatures.Describe(head.AsSpan(0, length)), location);
            }

            CanSkip = input.CanSeek && _plain.Kind == CompressionKind.None;
            _source = CanSkip ? input : new PrefixedStream(head, _plain);
            if (CanSkip)
            {
                input.Position = start;
            }

            _reader = new TarReader(_source, location);
        }
        catch
        {
            _plain.Dispose();
            throw;
        }
    }

    public override bool CanSkip { get; }

    public override Stream Content => _reader.Content;

    public override ArchiveMember? Next(CancellationToken cancellationToken)
    {
        if (_reader.Next(cancellationToken) is not { } entry)
        {
            return null;
        }

        var kind = entry.Kind switch
        {
            TarEntryKind.File => MemberKind.File,
            TarEntryKind.Directory => MemberKind.Directory,
            TarEntryKind.SymbolicLink => MemberKind.SymbolicLink,
            TarEntryKind.HardLink => MemberKind.HardLink,
            _ => MemberKind.Special,
        };
        return new ArchiveMember(entry.Name, kind, entry.LinkName, entry.Size);
    }

    public override Stream? OpenContentIndependently() => CanSkip ? _reader.OpenContentIndependently() : null;

    public override void Finish(CancellationToken cancellationToken)
    {
        var buffer = new byte[DrainSize];
        while (_source.Read(buffer) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public override void Dispose() => _plain.Dispose();
}

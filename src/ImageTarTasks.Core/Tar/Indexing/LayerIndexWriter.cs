using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using ImageTarTasks.Core.Tar.Reading;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Tar.Indexing;

/// <summary>Writes a layer index while the layer's entries go by.</summary>
internal sealed class LayerIndexWriter : IDisposable
{
    private readonly Stream _target;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
    private int _used;
    private long _lastEnd;
    private bool _completed;

    /// <summary>Writes to <paramref name="target"/>, which stays open.</summary>
    public LayerIndexWriter(Stream target)
    {
        _target = target;
        Write(LayerIndexFormat.Magic);
    }

    /// <summary>Adds the next entry, in the order of the tar.</summary>
    public void Add(TarEntry entry)
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        WriteByte(
            (byte)(
                (byte)entry.Kind
                | (entry.Xattrs.Count > 0 ? LayerIndexFormat.HasXattrs : 0)
                | (entry.Sparse is not null ? LayerIndexFormat.IsSparse : 0)
            )
        );
        WriteText(entry.Name);
        WriteNumber((ulong)entry.Mode);
        WriteNumber((ulong)entry.Uid);
        WriteNumber((ulong)entry.Gid);
        WriteSigned(entry.ModificationTime.Seconds);
        WriteNumber((ulong)entry.ModificationTime.Nanoseconds);
        WriteSigned(entry.HeaderOffset - _lastEnd);
        WriteSigned(entry.DataOffset - entry.HeaderOffset);
        _lastEnd = TarReader.RoundUp(entry.DataOffset + entry.StoredSize);
        switch (entry.Kind)
        {
            case TarEntryKind.File:
                WriteNumber((ulong)entry.StoredSize);
                ContentSize += entry.Size;
                break;
            case TarEntryKind.SymbolicLink:
                WriteText(entry.LinkName);
                ContentSize += entry.LinkName.Length;
                break;
            case TarEntryKind.HardLink:
                WriteText(entry.LinkName);
                break;
            case TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice:
                WriteNumber(entry.DeviceMajor);
                WriteNumber(entry.DeviceMinor);
                break;
        }

        WriteXattrs(entry.Xattrs);
        WriteSparse(entry);
        Entries++;
    }

    /// <summary>Bytes of content so far, as <see cref="LayerSummary.ContentSize"/> counts them.</summary>
    public long ContentSize { get; private set; }

    /// <summary>Entries so far.</summary>
    public long Entries { get; private set; }

    /// <summary>Ends the index; without this call a reader refuses it.</summary>
    public void Complete(LayerSummary summary)
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        _completed = true;
        WriteByte(LayerIndexFormat.End);
        Drain();
        Span<byte> trailer = stackalloc byte[LayerIndexFormat.TrailerLength];
        LayerIndexFormat.WriteTrailer(trailer, _hash.GetHashAndReset(), summary);
        _target.Write(trailer);
        _target.Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _hash.Dispose();
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    private void WriteXattrs(IReadOnlyList<Xattr> xattrs)
    {
        if (xattrs.Count == 0)
        {
            return;
        }

        WriteNumber((ulong)xattrs.Count);
        foreach (var xattr in xattrs)
        {
            WriteText(xattr.Name);
            WriteText(xattr.Value);
        }
    }

    private void WriteSparse(TarEntry entry)
    {
        if (entry.Sparse is not { } runs)
        {
            return;
        }

        WriteNumber((ulong)entry.Size);
        WriteNumber((ulong)runs.Count);
        long end = 0;
        foreach (var run in runs)
        {
            WriteNumber((ulong)(run.Offset - end));
            WriteNumber((ulong)run.Length);
            end = run.Offset + run.Length;
        }
    }

    private void WriteText(ByteString text)
    {
        WriteNumber((ulong)text.Length);
        ReadOnlySpan<char> units = text.Units;
        while (!units.IsEmpty)
        {
            var part = Math.Min(units.Length, Room(1));
            Encoding.Latin1.GetBytes(units[..part], _buffer.AsSpan(_used));
            _used += part;
            units = units[part..];
        }
    }

    private void WriteSigned(long value) => WriteNumber((ulong)((value << 1) ^ (value >> 63)));

    private void WriteNumber(ulong value)
    {
        Room(10);
        while (value >= 0x80)
        {
            _buffer[_used++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[_used++] = (byte)value;
    }

    private void WriteByte(byte value)
    {
        Room(1);
        _buffer[_used++] = value;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        Room(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_used));
        _used += bytes.Length;
    }

    /// <summary>Makes room for at least <paramref name="least"/> bytes and returns the number of free bytes.</summary>
    private int Room(int least)
    {
        if (_buffer.Length - _used < least)
        {
            Drain();
        }

        return _buffer.Length - _used;
    }

    private void Drain()
    {
        _hash.AppendData(_buffer, 0, _used);
        _target.Write(_buffer, 0, _used);
        _used = 0;
    }
}

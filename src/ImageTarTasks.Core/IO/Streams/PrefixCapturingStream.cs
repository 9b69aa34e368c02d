namespace ImageTarTasks.Core.IO.Streams;

/// <summary>Reads through and keeps the first bytes.</summary>
internal sealed class PrefixCapturingStream(Stream source) : ForwardReadStream
{
    private readonly byte[] _head = new byte[512];
    private int _kept;

    /// <summary>The first bytes read, up to 512.</summary>
    public ReadOnlySpan<byte> Head => _head.AsSpan(0, _kept);

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var read = source.Read(buffer);
        if (_kept < _head.Length)
        {
            var piece = buffer[..Math.Min(read, _head.Length - _kept)];
            piece.CopyTo(_head.AsSpan(_kept));
            _kept += piece.Length;
        }

        return read;
    }
}

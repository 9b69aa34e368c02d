using System.Runtime.ExceptionServices;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.IO.Compression;

/// <summary>
/// What all formats have in common: bounds on the output, one compression per level, and a failed stream stays failed.
/// </summary>
internal sealed class BoundedDecodingStream(FormatDecoder decoder, CompressedInput input, long? maxPlainSize)
    : DecodingStream
{
    private readonly byte[] _head = new byte[StreamCompression.DetectLength];
    private long _count;
    private bool _headChecked = input.Format == CompressionKind.None;
    private ExceptionDispatchInfo? _failure;

    public override CompressionKind Kind => input.Format;

    public override int Read(Span<byte> buffer)
    {
        _failure?.Throw();
        if (buffer.IsEmpty)
        {
            return 0;
        }

        try
        {
            var read = decoder.Read(buffer);
            if (!_headChecked)
            {
                CheckHead(buffer[..read]);
            }

            _count += read;
            CheckBounds();
            return read;
        }
        catch (ImageTarException failure)
        {
            _failure = ExceptionDispatchInfo.Capture(failure);
            throw;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            decoder.Dispose();
            input.Dispose();
        }

        base.Dispose(disposing);
    }

    private void CheckBounds()
    {
        if (maxPlainSize is { } max)
        {
            if (_count > max)
            {
                throw CompressionDiagnostics.ExceedsMaxUnpacked(input.Format, max, input.Location);
            }
        }
        else if (
            _count > Limits.ExpansionFloor
            && input.Format != CompressionKind.None
            && _count / Limits.ExpansionRatio > input.Position
        )
        {
            throw CompressionDiagnostics.ExpandsTooMuch(input.Format, _count, input.Position, input.Location);
        }
    }

    /// <summary>Recognises content that is compressed again. The tar reader would only see noise.</summary>
    private void CheckHead(ReadOnlySpan<byte> read)
    {
        var have = (int)_count;
        var more = read[..Math.Min(read.Length, _head.Length - have)];
        more.CopyTo(_head.AsSpan(have));
        _headChecked = read.IsEmpty || have + more.Length == _head.Length;
        if (
            _headChecked
            && StreamCompression.Detect(_head.AsSpan(0, have + more.Length)) is var inner and not CompressionKind.None
        )
        {
            throw CompressionDiagnostics.CompressedTwice(input.Format, inner, input.Location);
        }
    }
}

using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Values;
using ZstdSharp.Unsafe;

namespace ImageTarTasks.Core.IO.Compression.Zstd;

/// <summary>
/// Decodes Zstandard, RFC 8878: frames and skippable frames in a row, then nothing. Dictionaries are refused. The
/// library's own streams report neither the end of a frame nor the reason of a failure, so its C-like functions are
/// called.
/// </summary>
internal sealed unsafe class ZstdDecoder : FormatDecoder
{
    private readonly CompressedInput _input;
    private readonly ZstdLibrary _library;
    private readonly ZstdContext _context;
    private bool _inFrame;
    private bool _firstSeen;

    public ZstdDecoder(CompressedInput input, ZstdLibrary library)
    {
        _input = input;
        _library = library;
        _context = library.NewDecoder();
        library.SetParameter(_context.Pointer, ZSTD_dParameter.ZSTD_d_windowLogMax, Limits.ZstdWindowLog);
    }

    public override int Read(Span<byte> into)
    {
        while (true)
        {
            var available = _input.Available;
            if (available.IsEmpty && !_inFrame)
            {
                return 0;
            }

            // Called even when no input is left, because the library may hold output that did not fit before.
            var wasInFrame = _inFrame;
            var written = Decompress(available, into, out var consumed);
            _input.Take(consumed);
            if (written > 0)
            {
                return written;
            }

            if (available.IsEmpty && _inFrame)
            {
                throw _input.Truncated();
            }

            if (consumed == 0 && wasInFrame == _inFrame)
            {
                throw _input.Damaged("the decoder stands still");
            }
        }
    }

    public override void Dispose() => _context.Dispose();

    private int Decompress(ReadOnlySpan<byte> from, Span<byte> into, out int consumed)
    {
        fixed (byte* source = from)
        fixed (byte* target = into)
        {
            var input = new ZSTD_inBuffer_s { src = source, size = (nuint)from.Length };
            var output = new ZSTD_outBuffer_s { dst = target, size = (nuint)into.Length };
            var hint = _library.Decompress(_context.Pointer, &output, &input);
            if (Methods.ZSTD_isError(hint))
            {
                _input.Take((int)input.pos);
                throw Failure(hint);
            }

            _firstSeen |= input.pos > 0;
            _inFrame = hint != 0;
            consumed = (int)input.pos;
            return (int)output.pos;
        }
    }

    private ImageTarException Failure(nuint result) =>
        Methods.ZSTD_getErrorCode(result) switch
        {
            ZSTD_ErrorCode.ZSTD_error_prefix_unknown when _firstSeen && !_inFrame => _input.TrailingBytes(),
            ZSTD_ErrorCode.ZSTD_error_checksum_wrong => _input.CheckFailed("the checksum of a frame's content"),
            ZSTD_ErrorCode.ZSTD_error_frameParameter_windowTooLarge => _input.Unsupported(
                $"a window larger than {1 << (Limits.ZstdWindowLog - 20)} MiB"
            ),
            ZSTD_ErrorCode.ZSTD_error_dictionary_wrong => _input.Unsupported("a dictionary"),
            _ => _input.Damaged(Methods.ZSTD_getErrorName(result)),
        };
}

using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using ZstdSharp.Unsafe;

namespace ImageTarTasks.Core.IO.Compression.Zstd;

/// <summary>
/// The functions of zstd that process content. Two libraries have them: libzstd, where there is one for the platform,
/// and its port to managed code, at half the speed. Both have one version and give the same bytes. Functions on numbers
/// only (bounds, error codes) are always those of the port.
/// </summary>
internal abstract unsafe class ZstdLibrary
{
    /// <summary>The version of zstd, such as 10507; the same for both libraries.</summary>
    public static uint Version => Methods.ZSTD_versionNumber();

    /// <summary>The fastest available library.</summary>
    public static ZstdLibrary Best { get; } = NativeZstd.TryLoad() ?? (ZstdLibrary)new ManagedZstd();

    /// <summary>A context to decompress with.</summary>
    public ZstdContext NewDecoder() => new(CreateDecoder(), FreeDecoder);

    /// <summary>A context to compress with.</summary>
    public ZstdContext NewEncoder() => new(CreateEncoder(), FreeEncoder);

    /// <summary><c>ZSTD_DCtx_setParameter</c>.</summary>
    public abstract void SetParameter(nint decoder, ZSTD_dParameter parameter, int value);

    /// <summary><c>ZSTD_decompressStream</c>: 0 at the end of a frame, an error, or else any number.</summary>
    public abstract nuint Decompress(nint decoder, ZSTD_outBuffer_s* output, ZSTD_inBuffer_s* input);

    /// <summary><c>ZSTD_CCtx_setParameter</c>.</summary>
    public abstract void SetParameter(nint encoder, ZSTD_cParameter parameter, int value);

    /// <summary><c>ZSTD_compress2</c>: the length of the frame, or an error.</summary>
    public abstract nuint Compress(nint encoder, byte* target, nuint capacity, byte* source, nuint length);

    /// <summary><c>ZSTD_createDCtx</c>.</summary>
    protected abstract nint CreateDecoder();

    /// <summary><c>ZSTD_freeDCtx</c>.</summary>
    protected abstract void FreeDecoder(nint decoder);

    /// <summary><c>ZSTD_createCCtx</c>.</summary>
    protected abstract nint CreateEncoder();

    /// <summary><c>ZSTD_freeCCtx</c>.</summary>
    protected abstract void FreeEncoder(nint encoder);
}

/// <summary>The state of a library between calls, outside the managed heap.</summary>
internal sealed class ZstdContext : SafeHandle
{
    private readonly Action<nint> _free;

    public ZstdContext(nint pointer, Action<nint> free)
        : base(0, ownsHandle: true)
    {
        _free = free;
        SetHandle(pointer);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>For the library's functions, as long as this object is kept.</summary>
    public nint Pointer => !IsClosed ? handle : throw new ObjectDisposedException(nameof(ZstdContext));

    protected override bool ReleaseHandle()
    {
        _free(handle);
        return true;
    }
}

/// <summary>ZstdSharp, on any platform.</summary>
internal sealed unsafe class ManagedZstd : ZstdLibrary
{
    protected override nint CreateDecoder() => (nint)Methods.ZSTD_createDCtx();

    protected override void FreeDecoder(nint decoder) => Methods.ZSTD_freeDCtx((ZSTD_DCtx_s*)decoder);

    public override void SetParameter(nint decoder, ZSTD_dParameter parameter, int value) =>
        Methods.ZSTD_DCtx_setParameter((ZSTD_DCtx_s*)decoder, parameter, value);

    public override nuint Decompress(nint decoder, ZSTD_outBuffer_s* output, ZSTD_inBuffer_s* input) =>
        Methods.ZSTD_decompressStream((ZSTD_DCtx_s*)decoder, output, input);

    protected override nint CreateEncoder() => (nint)Methods.ZSTD_createCCtx();

    protected override void FreeEncoder(nint encoder) => Methods.ZSTD_freeCCtx((ZSTD_CCtx_s*)encoder);

    public override void SetParameter(nint encoder, ZSTD_cParameter parameter, int value) =>
        Methods.ZSTD_CCtx_setParameter((ZSTD_CCtx_s*)encoder, parameter, value);

    public override nuint Compress(nint encoder, byte* target, nuint capacity, byte* source, nuint length) =>
        Methods.ZSTD_compress2((ZSTD_CCtx_s*)encoder, target, capacity, source, length);
}

/// <summary>
/// libzstd from the package ZstdNet, in a file beside this program. The system's libzstd is never used, because its
/// version may differ.
/// </summary>
internal sealed unsafe class NativeZstd : ZstdLibrary
{
    private readonly delegate* unmanaged<nint> _createDecoder;
    private readonly delegate* unmanaged<nint, nuint> _freeDecoder;
    private readonly delegate* unmanaged<nint, int, int, nuint> _setDecoderParameter;
    private readonly delegate* unmanaged<nint, ZSTD_outBuffer_s*, ZSTD_inBuffer_s*, nuint> _decompress;
    private readonly delegate* unmanaged<nint> _createEncoder;
    private readonly delegate* unmanaged<nint, nuint> _freeEncoder;
    private readonly delegate* unmanaged<nint, int, int, nuint> _setEncoderParameter;
    private readonly delegate* unmanaged<nint, byte*, nuint, byte*, nuint, nuint> _compress;

    private NativeZstd(nint library)
    {
        _createDecoder = (delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "ZSTD_createDCtx");
        _freeDecoder = (delegate* unmanaged<nint, nuint>)NativeLibrary.GetExport(library, "ZSTD_freeDCtx");
        _setDecoderParameter = (delegate* unmanaged<nint, int, int, nuint>)
            NativeLibrary.GetExport(library, "ZSTD_DCtx_setParameter");
        _decompress = (delegate* unmanaged<nint, ZSTD_outBuffer_s*, ZSTD_inBuffer_s*, nuint>)
            NativeLibrary.GetExport(library, "ZSTD_decompressStream");
        _createEncoder = (delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "ZSTD_createCCtx");
        _freeEncoder = (delegate* unmanaged<nint, nuint>)NativeLibrary.GetExport(library, "ZSTD_freeCCtx");
        _setEncoderParameter = (delegate* unmanaged<nint, int, int, nuint>)
            NativeLibrary.GetExport(library, "ZSTD_CCtx_setParameter");
        _compress = (delegate* unmanaged<nint, byte*, nuint, byte*, nuint, nuint>)
            NativeLibrary.GetExport(library, "ZSTD_compress2");
    }

    /// <summary>
    /// Loads the library; null when there is none for this platform, or its version differs from the port's.
    /// </summary>
    public static NativeZstd? TryLoad()
    {
        foreach (var place in Places())
        {
            if (File.Exists(place) && NativeLibrary.TryLoad(place, out var library))
            {
                if (
                    NativeLibrary.TryGetExport(library, "ZSTD_versionNumber", out var version)
                    && ((delegate* unmanaged<uint>)version)() == Methods.ZSTD_versionNumber()
                )
                {
                    return new NativeZstd(library);
                }

                NativeLibrary.Free(library);
            }
        }

        return null;
    }

    protected override nint CreateDecoder() => _createDecoder();

    protected override void FreeDecoder(nint decoder) => _freeDecoder(decoder);

    public override void SetParameter(nint decoder, ZSTD_dParameter parameter, int value) =>
        _setDecoderParameter(decoder, (int)parameter, value);

    public override nuint Decompress(nint decoder, ZSTD_outBuffer_s* output, ZSTD_inBuffer_s* input) =>
        _decompress(decoder, output, input);

    protected override nint CreateEncoder() => _createEncoder();

    protected override void FreeEncoder(nint encoder) => _freeEncoder(encoder);

    public override void SetParameter(nint encoder, ZSTD_cParameter parameter, int value) =>
        _setEncoderParameter(encoder, (int)parameter, value);

    public override nuint Compress(nint encoder, byte* target, nuint capacity, byte* source, nuint length) =>
        _compress(encoder, target, capacity, source, length);

    /// <summary>
    /// Beside the program when it was published for one platform, else where NuGet puts the files of each.
    /// </summary>
    [UnconditionalSuppressMessage(
        "SingleFile",
        "IL3000",
        Justification = "Without a file of its own the assembly is part of a program, whose folder is asked first."
    )]
    private static IEnumerable<string> Places()
    {
        var (system, file) =
            OperatingSystem.IsWindows() ? ("win", "libzstd.dll")
            : OperatingSystem.IsMacOS() ? ("osx", "libzstd.dylib")
            : ("linux", "libzstd.so");
        var platform = $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

        // A task's folder is not that of the program that runs it.
        var folder = Path.GetDirectoryName(typeof(NativeZstd).Assembly.Location) is { Length: > 0 } own
            ? own
            : AppContext.BaseDirectory;
        yield return Path.Combine(folder, file);
        yield return Path.Combine(folder, "runtimes", platform, "native", file);
    }
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ImageTarTasks.Core.IO.Files;

/// <summary>Every function of Windows that this program calls itself; as <see cref="LibC"/> for Unix.</summary>
internal static partial class Kernel32
{
    /// <summary>FlushFileBuffers, which the base class library calls without telling all its failures.</summary>
    [LibraryImport("kernel32", EntryPoint = "FlushFileBuffers", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool Flush(SafeFileHandle file);

    /// <summary>The exception for the error of the last call of this thread.</summary>
    public static IOException Failure(string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException(
            $"{Marshal.GetPInvokeErrorMessage(error)} : '{path}'",
            unchecked((int)(0x80070000 | (uint)error))
        );
    }
}

using System.Globalization;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Files;

/// <summary>Errors of downloading an input (ITT106x).</summary>
internal static class DownloadDiagnostics
{
    /// <summary>ITT1060: text is not a URL.</summary>
    public static ImageTarException InvalidUrl(string url) => Error("ITT1060", $"{Quote(url)} is no URL");

    /// <summary>ITT1061: a download by http, which anybody on the network can change, without a checksum.</summary>
    public static ImageTarException UrlWithoutChecksum(string url) =>
        Error(
            "ITT1061",
            "a download by http can be changed on its way: say with --sha256 what it must be, or use https",
            new ContentLocation(url)
        );

    /// <summary>ITT1062: a user and a password in a URL of http.</summary>
    public static ImageTarException CredentialsInClear(string url) =>
        Error(
            "ITT1062",
            "the user and password of the URL would be sent in clear: use https",
            new ContentLocation(url)
        );

    /// <summary>ITT1063: a redirect that is not followed.</summary>
    public static ImageTarException RedirectRefused(string url, string reason) =>
        Error("ITT1063", $"a redirect is not followed: {reason}", new ContentLocation(url));

    /// <summary>ITT1064: the server does not give the file.</summary>
    public static ImageTarException DownloadRefused(string url, int status, string reason) =>
        Error(
            "ITT1064",
            string.Create(CultureInfo.InvariantCulture, $"the server answers {status} {UntrustedText.Show(reason)}")
                .TrimEnd(),
            new ContentLocation(url)
        );

    /// <summary>ITT1065: a connection that fails, is not to be trusted, or breaks.</summary>
    public static ImageTarException DownloadFailed(string url, string reason, Exception inner) =>
        Error("ITT1065", $"the download failed: {UntrustedText.Show(reason)}", new ContentLocation(url), inner);

    /// <summary>ITT1066: the server stopped sending.</summary>
    public static ImageTarException DownloadStalled(string url, TimeSpan idle) =>
        Error(
            "ITT1066",
            string.Create(CultureInfo.InvariantCulture, $"nothing came for {idle.TotalSeconds} seconds; try again"),
            new ContentLocation(url)
        );

    /// <summary>ITT1067: the content is larger than allowed.</summary>
    public static ImageTarException DownloadTooLarge(string url, long most) =>
        Error(
            "ITT1067",
            string.Create(
                CultureInfo.InvariantCulture,
                $"the download is larger than {most} bytes; if it is meant, raise max-download"
            ),
            new ContentLocation(url)
        );
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Core.Dockerfile;

/// <summary>
/// The argument of EXPOSE: <c>[[ip:]hostPort:]port[-port][/proto]</c>. The part of the host is checked and dropped,
/// because an image cannot choose it.
/// </summary>
internal static class PortSpec
{
    /// <summary>The ports as the configuration lists them, <c>80/tcp</c>.</summary>
    /// <exception cref="ImageTarException">ITT1220.</exception>
    public static IEnumerable<string> Parse(string text)
    {
        var parts = text.Split(':');
        var container = parts[^1];
        var host = parts.Length > 1 ? parts[^2] : "";
        var ip = parts.Length > 2 ? string.Join(':', parts[..^2]) : "";
        var (protocol, range) = SplitProtocol(container);
        if (ip.Length > 0 && !IsAddress(ip))
        {
            throw DockerfileDiagnostics.InvalidPort("Invalid IP address", ip);
        }

        if (range.Length == 0)
        {
            throw DockerfileDiagnostics.InvalidPort("No port specified", text + "<empty>");
        }

        if (ParseRange(range) is not var (first, last))
        {
            throw DockerfileDiagnostics.InvalidPort("Invalid containerPort", range);
        }

        if (host.Length > 0)
        {
            if (ParseRange(host) is not var (hostFirst, hostLast))
            {
                throw DockerfileDiagnostics.InvalidPort("Invalid hostPort", host);
            }

            // One container port may have a range of host ports.
            if (last - first != hostLast - hostFirst && first != last)
            {
                throw DockerfileDiagnostics.InvalidPort(
                    "Invalid ranges specified for container and host Ports",
                    $"{range} and {host}"
                );
            }
        }

        if (protocol is not ("tcp" or "udp" or "sctp"))
        {
            throw DockerfileDiagnostics.InvalidPort("Invalid proto", protocol);
        }

        return Enumerable
            .Range(first, last - first + 1)
            .Select(port => string.Create(CultureInfo.InvariantCulture, $"{port}/{protocol}"));
    }

    private static bool IsAddress(string text) =>
        IPAddress.TryParse(text is ['[', .., ']'] ? text[1..^1] : text, out var address)
        && (address.AddressFamily == AddressFamily.InterNetworkV6 || text.Count(c => c == '.') == 3);

    private static (string Protocol, string Range) SplitProtocol(string text)
    {
        var parts = text.Split('/');
        return parts[0].Length == 0
            ? ("tcp", "")
            : (parts.Length == 1 || parts[1].Length == 0 ? "tcp" : parts[1].ToLowerInvariant(), parts[0]);
    }

    private static (int First, int Last)? ParseRange(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        return
            TryPort(dash < 0 ? text : text[..dash], out var first)
            && TryPort(dash < 0 ? text : text[(dash + 1)..], out var last)
            && first <= last
            ? (first, last)
            : null;
    }

    private static bool TryPort(string text, out ushort port) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port);
}

using System.Net;
using System.Net.Sockets;

namespace ImageTarTasks.Files;

/// <summary>From where an address means the same machine (RFC 6890).</summary>
internal enum AddressScope
{
    /// <summary>From everywhere.</summary>
    Public,

    /// <summary>Inside one network: RFC 1918, RFC 6598, fc00::/7, fec0::/10.</summary>
    Private,

    /// <summary>On this machine.</summary>
    Loopback,

    /// <summary>
    /// On one link, where the metadata services of clouds are, or no machine at all (multicast, unspecified).
    /// </summary>
    Link,
}

/// <summary>The scopes of addresses.</summary>
internal static class AddressScopes
{
    /// <summary>
    /// The scope of an address. An IPv6 address that stands for an IPv4 address has the scope of that.
    /// </summary>
    public static AddressScope Of(IPAddress address)
    {
        address = EmbeddedIPv4(address) ?? address;
        return IPAddress.IsLoopback(address) ? AddressScope.Loopback
            : address.AddressFamily == AddressFamily.InterNetwork ? OfIPv4(address.GetAddressBytes())
            : address.IsIPv6LinkLocal || address.IsIPv6Multicast || address.Equals(IPAddress.IPv6Any)
                ? AddressScope.Link
            : address.IsIPv6UniqueLocal || address.IsIPv6SiteLocal ? AddressScope.Private
            : AddressScope.Public;
    }

    /// <summary>
    /// Whether a server at an address of the scope <paramref name="origin"/>, which the user named, may lead to an
    /// address of this scope: everywhere public, and inside the network the user named.
    /// </summary>
    public static bool IsReachableFrom(this AddressScope scope, AddressScope origin) =>
        scope == AddressScope.Public || (scope == origin && scope != AddressScope.Link);

    private static AddressScope OfIPv4(byte[] bytes) =>
        bytes switch
        {
            [0, ..] or [169, 254, ..] or [>= 224, ..] => AddressScope.Link,
            [10, ..] or [100, >= 64 and <= 127, ..] or [172, >= 16 and <= 31, ..] or [192, 168, ..] =>
                AddressScope.Private,
            _ => AddressScope.Public,
        };

    /// <summary>The IPv4 address of a mapped address (::ffff:0:0/96) or one of NAT64 (64:ff9b::/96), or null.</summary>
    private static IPAddress? EmbeddedIPv4(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address.AddressFamily == AddressFamily.InterNetworkV6
        && address.GetAddressBytes() is [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, var a, var b, var c, var d]
            ? new IPAddress([a, b, c, d])
        : null;
}

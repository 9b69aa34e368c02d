using System.Buffers;
using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Core.Values;

/// <summary>
/// The platform of an image (image-spec image-index.md "platform"), normalised as containerd's platforms package does:
/// <c>x86_64</c> is <c>amd64</c>, <c>aarch64</c> is <c>arm64</c>, <c>armhf</c> is <c>arm/v7</c>, <c>macos</c> is
/// <c>darwin</c>.
/// </summary>
public sealed record Platform
{
    private static readonly SearchValues<char> PartCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
    );

    private static readonly string[] KnownOs =
    [
        "aix",
        "android",
        "darwin",
        "dragonfly",
        "freebsd",
        "hurd",
        "illumos",
        "ios",
        "js",
        "linux",
        "nacl",
        "netbsd",
        "openbsd",
        "plan9",
        "solaris",
        "wasip1",
        "windows",
        "zos",
    ];

    private static readonly string[] KnownArchitectures =
    [
        "386",
        "amd64",
        "amd64p32",
        "arm",
        "armbe",
        "arm64",
        "arm64be",
        "ppc64",
        "ppc64le",
        "loong64",
        "mips",
        "mipsle",
        "mips64",
        "mips64le",
        "mips64p32",
        "mips64p32le",
        "ppc",
        "riscv",
        "riscv64",
        "s390",
        "s390x",
        "sparc",
        "sparc64",
        "wasm",
    ];

    /// <summary>Normalises the three parts.</summary>
    public Platform(string os, string architecture, string? variant = null)
    {
        Os = NormalOs(os);
        (Architecture, Variant) = NormalArchitecture(architecture, variant);
    }

    /// <summary><c>linux</c>, <c>windows</c>...</summary>
    public string Os { get; }

    /// <summary>GOARCH: <c>amd64</c>, <c>arm64</c>, <c>arm</c>...</summary>
    public string Architecture { get; }

    /// <summary><c>v7</c>, <c>v8</c>... or null.</summary>
    public string? Variant { get; }

    /// <summary>
    /// The default platform on this machine: linux and this processor. Images for other systems must be requested by
    /// name.
    /// </summary>
    public static Platform Host { get; } =
        new(
            "linux",
            System.Runtime.InteropServices.RuntimeInformation.OSArchitecture switch
            {
                System.Runtime.InteropServices.Architecture.X64 => "amd64",
                System.Runtime.InteropServices.Architecture.X86 => "386",
                System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
                System.Runtime.InteropServices.Architecture.Arm or System.Runtime.InteropServices.Architecture.Armv6 =>
                    "arm",
                System.Runtime.InteropServices.Architecture.S390x => "s390x",
                System.Runtime.InteropServices.Architecture.Ppc64le => "ppc64le",
                System.Runtime.InteropServices.Architecture.LoongArch64 => "loong64",
                System.Runtime.InteropServices.Architecture.RiscV64 => "riscv64",
                var other => other.ToString().ToLowerInvariant(),
            }
        );

    /// <summary>
    /// Parses <c>os</c>, <c>arch</c>, <c>os/arch</c> or <c>os/arch/variant</c>; a single known word is completed from
    /// the host.
    /// </summary>
    /// <exception cref="ImageTarException">ITT1002.</exception>
    public static Platform Parse(string text)
    {
        var parts = text.Trim().Split('/');
        foreach (var part in parts)
        {
            if (part.Length == 0 || part.AsSpan().ContainsAnyExcept(PartCharacters))
            {
                throw ValueDiagnostics.InvalidPlatform(
                    text,
                    "a part is empty or has other characters than letters, digits, '_', '.' and '-'"
                );
            }
        }

        switch (parts.Length)
        {
            case 1:
                var os = NormalOs(parts[0]);
                if (KnownOs.Contains(os))
                {
                    return new Platform(os, Host.Architecture, Host.Variant);
                }

                var (architecture, _) = NormalArchitecture(parts[0], null);
                return KnownArchitectures.Contains(architecture)
                    ? new Platform("linux", parts[0])
                    : throw ValueDiagnostics.InvalidPlatform(text, "unknown operating system or architecture");
            case 2:
                return new Platform(parts[0], parts[1]);
            case 3:
                return new Platform(parts[0], parts[1], parts[2]);
            default:
                throw ValueDiagnostics.InvalidPlatform(text, "cannot parse platform specifier: more than three parts");
        }
    }

    /// <summary>
    /// Whether an image for <paramref name="offered"/> satisfies a request for this platform: the same system and
    /// architecture, and the same variant when one is requested (arm64 and arm64/v8 are equal).
    /// </summary>
    public bool IsSatisfiedBy(Platform offered) =>
        Os == offered.Os
        && Architecture == offered.Architecture
        && (
            Variant is null
            || Variant == offered.Variant
            || (Architecture == "arm64" && Variant == "v8" && offered.Variant is null)
        );

    /// <summary><c>os/arch[/variant]</c>.</summary>
    public override string ToString() => Variant is null ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";

    private static string NormalOs(string os) =>
        os.ToLowerInvariant() switch
        {
            "macos" => "darwin",
            var other => other,
        };

    private static (string Architecture, string? Variant) NormalArchitecture(string architecture, string? variant)
    {
        variant = string.IsNullOrEmpty(variant) ? null : variant.ToLowerInvariant();
        return architecture.ToLowerInvariant() switch
        {
            "x86_64" or "x86-64" or "amd64" => ("amd64", variant == "v1" ? null : variant),
            "aarch64" or "arm64" => ("arm64", variant is "8" ? "v8" : variant),
            "i386" or "i486" or "i586" or "i686" => ("386", null),
            "armhf" => ("arm", "v7"),
            "armel" => ("arm", "v6"),
            "arm" => ("arm", variant is "5" or "6" or "7" or "8" ? "v" + variant : variant),
            var other => (other, variant),
        };
    }
}

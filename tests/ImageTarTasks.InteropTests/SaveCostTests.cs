using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>What a save of a large image takes: little memory, and no place but the store and the output.</summary>
[TestClass]
public sealed partial class SaveCostTests
{
    private const long Unpacked = 600_000_000;
    private const long MaxMemory = 120_000_000;

    /// <summary>MSBuild's library, when it makes its first item, looks with an empty file that it deletes at once whether the file system ignores case.</summary>
    private static readonly string MSBuildsProbe = Path.Combine(Path.GetTempPath(), "CASESENSITIVETEST");

    [TestMethod, OSCondition(OperatingSystems.Linux)]
    [DataRow("--layer-compression", "none")]
    [DataRow("--layer-compression", "zstd")]
    [DataRow("--layer-compression", "none", "--compression", "zstd:1")]
    [DataRow("--layer-compression", "gzip:1", "--format", "oci")]
    public void Memory_stays_small_however_large_the_image(params string[] options)
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        WriteLargeImage(folder["large.tar"]);
        var load = imagetar.Try(["load"], new ProgramOptions { InputFile = folder["large.tar"] }).Succeeds();
        Assert.IsLessThan(MaxMemory, load.PeakMemory, "load");
        var save = imagetar.Try(["save", .. options, "large:1"], new ProgramOptions { DiscardOutput = true }).Succeeds();
        Assert.IsGreaterThan(1_000_000, save.PeakMemory, "nothing was measured");
        Assert.IsLessThan(MaxMemory, save.PeakMemory, $"{save.PeakMemory} bytes");
    }

    [TestMethod, OSCondition(OperatingSystems.Linux), RequiresProgram("strace")]
    [DataRow("docker", "gzip", null)]
    [DataRow("oci", "zstd", "zstd")]
    [DataRow("docker", "none", "gzip")]
    [DataRow("oci-dir", "zstd", null)]
    public void No_file_is_written_outside_the_store_and_the_output(string format, string layers, string? compression)
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        new HandMadeImage("odd:1", OddLayers.Agreed()).Write(folder["odd.tar"]);
        imagetar.Run("load", "-i", folder["odd.tar"]);
        Directory.CreateDirectory(folder["output"]);
        var traced = Programs.Try(
            "strace",
            [
                "-f", "-qq", "-e", "trace=open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mknod,mknodat,truncate", "-o", folder["trace"],
                Imagetar.Executable, "save", "--format", format, "--layer-compression", layers, .. compression is null ? Array.Empty<string>() : ["--compression", compression], "-o", folder["output/a"], "odd:1",
            ],
            new ProgramOptions { Environment = new Dictionary<string, string?> { ["IMAGETAR_STORE"] = imagetar.Store, ["DOTNET_EnableDiagnostics"] = "0" } });
        traced.Succeeds();
        var changes = Calls(folder["trace"]).Where(line => Changes().IsMatch(line) && !line.Contains("= -1 E", StringComparison.Ordinal)).ToList();
        Assert.IsGreaterThan(3, changes.Count, "the trace shows nothing");
        var outside = changes.Where(line => Paths().Matches(line).Select(match => match.Groups[1].Value).Any(path =>
            !path.StartsWith(folder["store"], StringComparison.Ordinal) && !path.StartsWith(folder["output"], StringComparison.Ordinal)
            && !path.StartsWith(MSBuildsProbe, StringComparison.Ordinal) && !path.StartsWith("/dev/", StringComparison.Ordinal) && !path.StartsWith("/proc/", StringComparison.Ordinal))).ToList();
        Assert.IsEmpty(outside, string.Join('\n', outside));
    }

    /// <summary>A docker-archive of an image with one layer of 600 MB of zeros, which as gzip are small.</summary>
    private static void WriteLargeImage(string path)
    {
        using var sha256 = SHA256.Create();
        using var layer = new MemoryStream();
        using (var gzip = new GZipStream(layer, CompressionLevel.Fastest, leaveOpen: true))
        using (var hashed = new CryptoStream(gzip, sha256, CryptoStreamMode.Write))
        using (var tar = new TarWriter(hashed, TarEntryFormat.Ustar, leaveOpen: true))
        {
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "zeros") { ModificationTime = DateTimeOffset.UnixEpoch, DataStream = new Zeros(Unpacked) });
        }

        var diffId = "sha256:" + Convert.ToHexStringLower(sha256.Hash!);
        using var file = File.Create(path);
        using var archive = new TarWriter(file, TarEntryFormat.Ustar);
        layer.Position = 0;
        archive.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "layer.tar") { DataStream = layer });
        Add("config.json", $"{{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{{\"type\":\"layers\",\"diff_ids\":[\"{diffId}\"]}}}}");
        Add("manifest.json", "[{\"Config\":\"config.json\",\"RepoTags\":[\"large:1\"],\"Layers\":[\"layer.tar\"]}]");

        void Add(string name, string content)
        {
            using var bytes = new MemoryStream(Encoding.UTF8.GetBytes(content));
            archive.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = bytes });
        }
    }

    /// <summary>A call that may change files: one that creates, opens for writing, or changes names.</summary>
    [GeneratedRegex(@"O_WRONLY|O_RDWR|O_CREAT|^\d+ +(?:creat|mkdir|rename|link|symlink|mknod|truncate)")]
    private static partial Regex Changes();

    /// <summary>The calls of a trace; of one that another thread's came in between, strace writes two halves.</summary>
    private static IEnumerable<string> Calls(string trace)
    {
        var begun = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(trace))
        {
            var process = line.Split(' ')[0];
            if (line.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                begun[process] = line;
            }
            else if (line.Contains(" resumed>", StringComparison.Ordinal) && begun.Remove(process, out var first))
            {
                yield return first + line;
            }
            else
            {
                yield return line;
            }
        }

        foreach (var first in begun.Values)
        {
            yield return first;
        }
    }

    [GeneratedRegex(@"""([^""]*)""")]
    private static partial Regex Paths();

    /// <summary>Zeros of a known length.</summary>
    private sealed class Zeros(long length) : Stream
    {
        private long _position;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get => _position; set => _position = value; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            count = (int)Math.Min(count, length - _position);
            Array.Clear(buffer, offset, count);
            _position += count;
            return count;
        }

        public override long Seek(long offset, SeekOrigin origin) =>
            _position = offset + (origin == SeekOrigin.Begin ? 0 : origin == SeekOrigin.Current ? _position : length);

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

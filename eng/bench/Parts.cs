using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.Layers;
using ImageTarTasks.Core.Store.Layers;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Indexing;
using ImageTarTasks.Core.Tar.Reading;
using ImageTarTasks.Core.Tar.Writing;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Bench;

/// <summary>
/// Parts of the core by themselves, with what they allocate: reading a tar, the pipeline a layer comes in by, planning
/// an export.
/// </summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class Parts
{
    private const int Entries = 20_000;

    /// <summary>
    /// What the entries of three layers need: most names of the second and third are new, some replace, some remove.
    /// </summary>
    private readonly byte[][] _tars = [.. Enumerable.Range(0, 3).Select(MakeTar)];

    private byte[] _gzip = [];
    private byte[] _zstd = [];
    private byte[][] _indexes = [];

    public static int Run(string[] filter)
    {
        // In this process: BenchmarkDotNet would otherwise look for a project in a solution, and this one is in none.
        var config = DefaultConfig
            .Instance.AddJob(BenchmarkDotNet.Jobs.Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .WithArtifactsPath("artifacts/bench/parts");
        BenchmarkRunner.Run<Parts>(config, filter.Length > 0 ? ["--filter", .. filter] : []);
        return 0;
    }

    [GlobalSetup]
    public void MakeInputs()
    {
        _gzip = Compress(_tars[0], CompressionKind.Gzip);
        _zstd = Compress(_tars[0], CompressionKind.Zstd);
        _indexes = [.. _tars.Select(MakeIndex)];
    }

    /// <summary>All headers, contents passed over.</summary>
    [Benchmark]
    public long TarHeaders()
    {
        var reader = new TarReader(new MemoryStream(_tars[0], writable: false), new ContentLocation("parts"));
        long size = 0;
        while (reader.Next() is { } entry)
        {
            size += entry.Size;
        }

        return size;
    }

    /// <summary>A plain layer: hashed and indexed.</summary>
    [Benchmark]
    public long LayerPlain() => Admit(_tars[0]);

    /// <summary>A gzip layer: hashed, inflated, hashed, indexed.</summary>
    [Benchmark]
    public long LayerGzip() => Admit(_gzip);

    /// <summary>The same of zstd.</summary>
    [Benchmark]
    public long LayerZstd() => Admit(_zstd);

    /// <summary>Three layer indexes merged into one tree.</summary>
    [Benchmark]
    public int FlattenPlan()
    {
        var merge = new LayerMerge();
        foreach (var index in _indexes)
        {
            merge.Add(() => Read(index), new ContentLocation("parts"));
        }

        return merge.Tree.NodeCount;
    }

    private static long Admit(byte[] content) =>
        LayerIngest
            .Run(
                new MemoryStream(content, writable: false),
                null,
                new MemoryStream(),
                new ContentLocation("parts"),
                null,
                CancellationToken.None
            )
            .Layer!.PlainSize;

    private static IEnumerable<TarEntry> Read(byte[] index)
    {
        using var opened = LayerIndex.TryOpen(new MemoryStream(index, writable: false))!;
        foreach (var entry in opened.ReadEntries())
        {
            yield return entry;
        }
    }

    private static byte[] MakeIndex(byte[] tar)
    {
        var index = new MemoryStream();
        LayerIngest.Run(
            new MemoryStream(tar, writable: false),
            null,
            index,
            new ContentLocation("parts"),
            null,
            CancellationToken.None
        );
        return index.ToArray();
    }

    private static byte[] Compress(byte[] content, CompressionKind kind)
    {
        var target = new MemoryStream();
        using (var encoder = StreamCompression.OpenEncoder(target, kind, leaveOpen: true))
        {
            encoder.Write(content);
        }

        return target.ToArray();
    }

    private static byte[] MakeTar(int layer)
    {
        var random = new Random(layer);
        var content = new byte[8000];
        var file = new MemoryStream();
        var tar = new TarWriter(file);
        for (var i = 0; i < Entries; i++)
        {
            var number = layer > 0 && i % 3 == 0 ? i : i + (layer * Entries);
            var name =
                i % 50 == 7 && layer > 0
                    ? $"usr/lib/module{i / 100}/.wh.file{i}"
                    : $"usr/lib/module{number / 100}/file{number}";
            var part = content.AsSpan(0, random.Next(content.Length));
            random.NextBytes(part[..(part.Length / 3)]);
            tar.Add(
                new TarEntry
                {
                    Name = ByteString.FromText(name),
                    Kind = TarEntryKind.File,
                    Mode = 0x1a4,
                    ModificationTime = new TarTime(1_700_000_000 + i),
                },
                i % 50 == 7 ? [] : part
            );
        }

        tar.Finish();
        return file.ToArray();
    }
}

using System.IO.Compression;
using System.Security.Cryptography;

namespace ImageTarTasks.Bench;

/// <summary>
/// The least a job can cost on this machine, as a process of its own: read once, hash (OpenSSL), decompress (the
/// runtime's zlib), write once and sync, each on its own thread. No names, no tar, no checks.
/// </summary>
internal static class Limit
{
    private const int Block = 256 * 1024;
    private const int Blocks = 8;

    /// <summary>
    /// <c>limit STEPS SOURCE TARGET</c>, a source of - is standard input; steps of hash, inflate, write, joined by a
    /// plus.
    /// </summary>
    public static int Run(string[] arguments)
    {
        var steps = arguments[0].Split('+');
        using var file =
            arguments[1] == "-"
                ? Console.OpenStandardInput()
                : new FileStream(arguments[1], FileMode.Open, FileAccess.Read, FileShare.Read, 0);
        Stream source = steps.Contains("inflate") ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var target = steps.Contains("write")
            ? new FileStream(arguments[2], FileMode.Create, FileAccess.Write, FileShare.None, 0)
            : null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var sinks = new List<Action<byte[], int>>();
        if (steps.Contains("hash"))
        {
            sinks.Add((block, count) => hash.AppendData(block, 0, count));
        }

        if (target is not null)
        {
            sinks.Add((block, count) => target.Write(block, 0, count));
        }

        Pump(source, sinks);
        target?.Flush(flushToDisk: true);
        return 0;
    }

    /// <summary>Every sink sees every block, on a thread of its own.</summary>
    private static void Pump(Stream source, List<Action<byte[], int>> sinks)
    {
        using var free = new SemaphoreSlim(Blocks);
        var queues = sinks
            .Select(_ => new System.Collections.Concurrent.BlockingCollection<(byte[] Bytes, int Count, int[] Users)>())
            .ToArray();
        var spare = new System.Collections.Concurrent.ConcurrentBag<byte[]>();
        var threads = sinks
            .Select(
                (sink, i) =>
                    new Thread(() =>
                    {
                        foreach (var (bytes, count, users) in queues[i].GetConsumingEnumerable())
                        {
                            sink(bytes, count);
                            if (Interlocked.Decrement(ref users[0]) == 0)
                            {
                                spare.Add(bytes);
                                free.Release();
                            }
                        }
                    })
            )
            .ToArray();
        Array.ForEach(threads, thread => thread.Start());
        while (true)
        {
            free.Wait();
            var block = spare.TryTake(out var used) ? used : new byte[Block];
            var count = source.ReadAtLeast(block, Block, throwOnEndOfStream: false);
            if (count == 0)
            {
                break;
            }

            int[] users = [sinks.Count];
            Array.ForEach(queues, queue => queue.Add((block, count, users)));
        }

        Array.ForEach(queues, queue => queue.CompleteAdding());
        Array.ForEach(threads, thread => thread.Join());
    }
}

using System.Runtime.ExceptionServices;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Pipelines;
using ImageTarTasks.Core.Tar.Writing;

namespace ImageTarTasks.Core.Store.Writing;

/// <summary>Makes a layer in the store while it is being written: one thread writes the tar, another hashes, indexes and stages it.</summary>
internal static class StagedTarWriter
{
    /// <summary>Runs <paramref name="write"/>, which need not end the tar, and stages what it wrote.</summary>
    /// <param name="writer">Gets the blob.</param>
    /// <param name="write">Writes the entries, on another thread.</param>
    /// <param name="where">For messages about the layer.</param>
    /// <param name="maxSize">How large the tar may get, or null.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="ImageTarException">What <paramref name="write"/> throws, and what staging does.</exception>
    public static StagedBlob Stage(StoreWriter writer, Action<TarWriter> write, ContentLocation where, long? maxSize, CancellationToken cancellation)
    {
        using var pipe = new BlockPipe();
        var writing = Task.Factory.StartNew(Write, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        StagedBlob blob;
        try
        {
            blob = writer.Stage(pipe.Reader, where, maxSize, cancellation);
        }
        finally
        {
            pipe.Abandon();
            writing.Wait(CancellationToken.None);
        }

        if (blob.LayerFault is { } fault)
        {
            throw fault;
        }

        writing.Result?.Throw();
        return blob;

        ExceptionDispatchInfo? Write()
        {
            try
            {
                var tar = new TarWriter(pipe.Writer);
                write(tar);
                tar.Finish();
                pipe.Complete();
                return null;
            }
            catch (Exception failure)
            {
                return pipe.Fail(failure);
            }
        }
    }
}

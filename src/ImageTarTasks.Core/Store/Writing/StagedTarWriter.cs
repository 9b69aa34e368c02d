using System.Runtime.ExceptionServices;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Pipelines;
using ImageTarTasks.Core.Tar.Writing;

namespace ImageTarTasks.Core.Store.Writing;

/// <summary>
/// Stages a layer while it is being written: one thread writes the tar, another hashes, indexes and stores it.
/// </summary>
internal static class StagedTarWriter
{
    /// <summary>Runs <paramref name="write"/>, writes the end of the tar, and stages the tar.</summary>
    /// <param name="writer">Receives the blob.</param>
    /// <param name="write">Writes the entries, on another thread.</param>
    /// <param name="location">For messages about the layer.</param>
    /// <param name="maxSize">The maximum size of the tar, or null.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    /// <exception cref="ImageTarException">The errors of <paramref name="write"/> and of staging.</exception>
    public static StagedBlob Stage(
        StoreWriter writer,
        Action<TarWriter> write,
        ContentLocation location,
        long? maxSize,
        CancellationToken cancellationToken
    )
    {
        using var pipe = new BlockPipe();
        var writing = Task.Factory.StartNew(
            Write,
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        StagedBlob blob;
        try
        {
            blob = writer.Stage(pipe.Reader, location, maxSize, cancellationToken);
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

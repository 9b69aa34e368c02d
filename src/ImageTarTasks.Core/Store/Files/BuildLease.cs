using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Files;

/// <summary>
/// Keeps the images that a build uses from being pruned by others until the build ends. All tasks of a build in one
/// process share it. It costs nothing until an image is used.
/// </summary>
public sealed class BuildLease : IDisposable
{
    private readonly HashSet<Digest> _kept = [];
    private StoreSession? _session;

    /// <summary>Ends the lease.</summary>
    public void Dispose() => _session?.Dispose();

    /// <summary>Keeps a target. Under the store's lock, which also orders the threads of a build.</summary>
    /// <exception cref="ImageTarException">ITT3006.</exception>
    internal void Keep(Digest target, StoreLayout layout, StoreFiles files)
    {
        if (_kept.Add(target))
        {
            // The lease lives longer than the task that is running now, whose log cannot be used then.
            _session ??= StoreSession.Begin(layout, files, SilentReporter.Instance);
            _session.Pin([target]);
        }
    }
}

namespace ImageTarTasks.Core.Archives;

/// <summary>
/// What to do when an index lists platforms whose images are missing from the store (save) or the archive (load,
/// verify).
/// </summary>
public enum MissingPlatforms
{
    /// <summary>Fail with an error that names them.</summary>
    Fail,

    /// <summary>Save an index of the platforms that are present. It has a digest of its own. For save only.</summary>
    Subset,

    /// <summary>Keep the index as it is, with the platforms that are present.</summary>
    Sparse,
}

namespace ImageTarTasks.PackageTests;

/// <summary>Removes what the tests shared.</summary>
[TestClass]
public sealed class FeedCleanup
{
    /// <summary>After all tests.</summary>
    [AssemblyCleanup]
    public static void Remove() => Directory.Delete(Feed.Instance.Root, recursive: true);
}

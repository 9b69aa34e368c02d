using System.Reflection;

namespace ImageTarTasks.Tests.Support;

/// <summary>Real and hostile inputs that may stand beside the checkout, in a folder <c>shared</c>.</summary>
internal static class SharedInputs
{
    /// <summary>The folder of the solution.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>An absolute path below <c>../shared</c>.</summary>
    public static string PathOf(string path) => Path.GetFullPath(Path.Combine(Repository, "..", "shared", path));

    private static string FindRepository()
    {
        var folder = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location);
        while (folder is not null && !File.Exists(Path.Combine(folder, "ImageTarTasks.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("the tests do not run below the solution");
    }
}

/// <summary>
/// Skips a test, with a reason, where an input that is not part of the project is missing. Such a test is also of the
/// category <c>Shared</c>, by which CI leaves it out where the inputs cannot be.
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class)]
internal sealed class RequiresSharedAttribute : ConditionBaseAttribute
{
    private readonly string _path;

    public RequiresSharedAttribute(string path)
        : base(ConditionMode.Include)
    {
        _path = path;
        IgnoreMessage = $"needs {path} in the folder 'shared' beside the checkout";
    }

    public override string GroupName => nameof(RequiresSharedAttribute) + _path;

    public override bool IsConditionMet => Path.Exists(SharedInputs.PathOf(_path));
}

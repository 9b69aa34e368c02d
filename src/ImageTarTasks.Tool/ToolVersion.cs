using System.Reflection;

namespace ImageTarTasks.Tool;

/// <summary>The version of the tool.</summary>
internal static class ToolVersion
{
    /// <summary>The version such as <c>0.1.0</c>, without the revision of the source.</summary>
    public static string Text { get; } =
        typeof(ToolVersion)
            .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
            .InformationalVersion.Split('+')[0];
}

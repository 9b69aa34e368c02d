using System.Diagnostics;

namespace ImageTarTasks.Tests.Support;

/// <summary>
/// Skips a test, with a reason, where the file system of temporary files keeps no attributes of users. Asks python3,
/// which the test needs as well.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RequiresUserXattrsAttribute : ConditionBaseAttribute
{
    public RequiresUserXattrsAttribute()
        : base(ConditionMode.Include) =>
        IgnoreMessage = "needs a file system for temporary files that keeps attributes, and python3";

    public override string GroupName => nameof(RequiresUserXattrsAttribute);

    public override bool IsConditionMet
    {
        get
        {
            if (!new RequiresProgramAttribute("python3").IsConditionMet)
            {
                return false;
            }

            using var folder = new TestFolder();
            File.WriteAllText(folder["probe"], "");
            using var probe = Process.Start(
                "python3",
                [
                    "-c",
                    "import os, sys\ntry: os.setxattr(sys.argv[1], 'user.k', b'v')\nexcept OSError: sys.exit(1)",
                    folder["probe"],
                ]
            );
            probe.WaitForExit();
            return probe.ExitCode == 0;
        }
    }
}
